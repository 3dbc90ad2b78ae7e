import { Text } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { CodeField } from "../../session/code-field.tsx";
import { CopyField } from "../parts/copy-field.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { QrCode } from "./qr-code.tsx";

type Props = { secret: string; uri: string; onClose: () => void; onDone: (recoveryCodes: string[]) => void };

/** Shows the secret to the app, and takes the first code as proof that it arrived. */
export const ConfirmFactor = ({ secret, uri, onClose, onDone }: Props) => {
  const [code, setCode] = useState("");
  return (
    <FormDialog
      opened
      onClose={onClose}
      title="Set up your app"
      submit="Turn it on"
      obstacle={null}
      onSubmit={async () => onDone((await ask("auth/totp/confirm", { body: { code: code.trim() } })).recoveryCodes)}
    >
      <Text size="sm">
        Scan this with an authenticator app, or type the secret into it. Then enter the code it shows.
      </Text>
      <QrCode text={uri} />
      <CopyField label="Secret" text={secret} />
      <CodeField inputMode="numeric" data-autofocus value={code} onChange={setCode} />
    </FormDialog>
  );
};
