import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState, type FormEvent, type ReactNode } from "react";
import { sentenceOf } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";

type FormProps = {
  children: ReactNode;
  submit: string;
  obstacle: string | null;
  danger?: boolean;
  /** Where it resolves the form is done with. */
  onSubmit: () => Promise<void>;
  onDone: () => void;
  /** Something was refused: what the form stands on may be out of date. */
  onRefused?: (() => void) | undefined;
};

const Form = ({ children, submit, obstacle, danger, onSubmit, onDone, onRefused }: FormProps) => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    // Portals hand their events on to the form around them; it is not meant.
    event.stopPropagation();
    if (busy || obstacle !== null) return;
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit();
      onDone();
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
      onRefused?.();
    }
  };
  return (
    <form onSubmit={(event) => void send(event)}>
      <Stack gap="sm">
        {problem && (
          <Alert color="red" icon={<IconAlertCircle />} role="alert">
            {problem}
          </Alert>
        )}
        {children}
        <Group justify="flex-end" mt="xs" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <GuardedButton type="submit" obstacle={obstacle} loading={busy} {...(danger && { color: "red" })}>
            {submit}
          </GuardedButton>
        </Group>
      </Stack>
    </form>
  );
};

type Props = Omit<FormProps, "onDone"> & {
  title: string;
  opened: boolean;
  onClose: () => void;
  size?: string;
};

/** A form over the page: says what went wrong above its fields, and keeps what was typed until it worked. */
export const FormDialog = ({ title, opened, onClose, size = "md", ...form }: Props) => (
  <Modal opened={opened} onClose={onClose} title={title} size={size}>
    {opened && <Form {...form} onDone={onClose} />}
  </Modal>
);
