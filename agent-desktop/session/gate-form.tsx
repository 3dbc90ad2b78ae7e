import { Alert, Button, Stack } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState, type FormEvent, type ReactNode } from "react";

type Props = {
  children: ReactNode;
  /** What the button says. */
  submit: string;
  /** What to tell about what went wrong; null keeps it from being told. */
  explain: (error: unknown) => string | null;
  /** Where it resolves, the form may be gone. */
  onSubmit: () => Promise<void>;
};

/** A form on a page before the desktop: busy while it asks, and with what went wrong above its fields. */
export const GateForm = ({ children, submit, explain, onSubmit }: Props) => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await onSubmit();
    } catch (error) {
      setProblem(explain(error));
    }
    setBusy(false);
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
        <Button type="submit" loading={busy} mt="xs">
          {submit}
        </Button>
      </Stack>
    </form>
  );
};
