import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { CopyField } from "../parts/copy-field.tsx";

type Props = { secret: string | null; onClose: () => void; what?: string; about?: string };

/** A secret that is shown once: it closes by a button that says so, and by nothing else. */
export const SecretShown = ({
  secret,
  onClose,
  what = "Identity secret",
  about = "Keep it on your server. It vouches for who your contacts are, so never put it on a page.",
}: Props) => (
  <Modal
    opened={secret !== null}
    onClose={onClose}
    title={`Your ${what.toLowerCase()}`}
    closeOnClickOutside={false}
    closeOnEscape={false}
    withCloseButton={false}
  >
    <Stack gap="sm">
      <Text size="sm">This is the only time it is shown. {about}</Text>
      <CopyField label={what} text={secret ?? ""} />
      <Group justify="flex-end">
        <Button onClick={onClose}>I have saved it</Button>
      </Group>
    </Stack>
  </Modal>
);
