import { Text, Textarea } from "@mantine/core";
import { useState } from "react";
import type { PlatformTenant } from "../../server/contract/platform-routes.ts";
import { ask } from "../session/ask.ts";
import { useRouteObstacle } from "../settings/own.ts";
import { FormDialog } from "../settings/parts/form-dialog.tsx";
import { tell } from "../shell/notices.ts";
import { missingReason } from "./words.ts";

type Props = {
  workspace: PlatformTenant;
  onClose: () => void;
  onDone: (workspace: PlatformTenant) => void;
  onRefused: () => void;
};

/** Shuts a workspace, for a reason that its admins are told. */
export const SuspendDialog = ({ workspace: { id, name }, onClose, onDone, onRefused }: Props) => {
  const obstacle = useRouteObstacle("platform-tenant/suspend");
  const [reason, setReason] = useState("");
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={`Suspend ${name}?`}
      submit="Suspend"
      danger
      obstacle={obstacle ?? missingReason(reason)}
      onRefused={onRefused}
      onSubmit={async () => {
        const { tenant } = await ask("platform-tenant/suspend", { params: { tenantId: id }, body: { reason } });
        tell("success", `${name} is suspended`);
        onDone(tenant);
      }}
    >
      <Text size="sm">
        Its members are signed out at once and can&apos;t come back, its contacts can&apos;t chat, and its API keys stop
        working. Nothing is deleted: once it is resumed, everything is where it was.
      </Text>
      <Textarea
        label="Reason"
        description="Its admins receive this by mail."
        required
        withAsterisk={false}
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
};

/** Opens a suspended workspace again. */
export const ResumeDialog = ({ workspace: { id, name }, onClose, onDone, onRefused }: Props) => {
  const obstacle = useRouteObstacle("platform-tenant/resume");
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={`Resume ${name}?`}
      submit="Resume"
      obstacle={obstacle}
      onRefused={onRefused}
      onSubmit={async () => {
        const { tenant } = await ask("platform-tenant/resume", { params: { tenantId: id } });
        tell("success", `${name} is open again`);
        onDone(tenant);
      }}
    >
      <Text size="sm">
        Its members can sign in again and its contacts can chat. Everything is where it was. Its admins are told by
        mail.
      </Text>
    </FormDialog>
  );
};
