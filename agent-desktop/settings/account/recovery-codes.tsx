import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { CopyField } from "../parts/copy-field.tsx";

/** The codes that let one in without the app, shown once. */
export const RecoveryCodes = ({ codes, onClose }: { codes: string[] | null; onClose: () => void }) => (
  <Modal
    opened={codes !== null}
    onClose={onClose}
    title="Your recovery codes"
    closeOnClickOutside={false}
    closeOnEscape={false}
    withCloseButton={false}
  >
    <Stack gap="sm">
      <Text size="sm">
        If you lose your phone, each of these signs you in once. Keep them somewhere safe: they are not shown again.
      </Text>
      <CopyField label="Codes" text={codes?.join("\n") ?? ""} />
      <Group justify="flex-end">
        <Button onClick={onClose}>I have saved them</Button>
      </Group>
    </Stack>
  </Modal>
);
