import { Modal, Stack, Text } from "@mantine/core";
import type { RowOf } from "../parts/ask-page.ts";
import { CopyField } from "../parts/copy-field.tsx";
import { embedLine } from "./embed-line.ts";

/** The one line that puts the widget on a site. */
export const InstallDialog = ({ inbox, onClose }: { inbox: RowOf<"inbox/list">; onClose: () => void }) => (
  <Modal opened onClose={onClose} title={`Put ${inbox.name} on a site`} size="lg">
    <Stack gap="sm">
      <Text size="sm">Put this line into every page, before the closing body tag:</Text>
      <CopyField label="Line" text={embedLine(location.origin, inbox.key)} />
      <Text size="sm">
        {inbox.allowedOrigins.length === 0
          ? "No site may embed it yet: add yours under “Change…” first."
          : `It works on ${inbox.allowedOrigins.join(", ")}, and nowhere else.`}
      </Text>
      <Text size="sm" c="var(--ink-soft)">
        The key is no secret. To tell us who is signed in on your site, have your server sign a token with an identity
        secret and call Parley.identify(token).
      </Text>
    </Stack>
  </Modal>
);
