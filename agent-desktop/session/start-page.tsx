import { Alert, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { Gate } from "./gate.tsx";
import { leaveSession, resumeSession } from "./session-store.ts";

/** While the session is being looked up, or when the server could not be asked. */
export const StartPage = ({ problem }: { problem?: string }) => (
  <Gate label="Parley">
    {problem === undefined ? (
      <Group gap="sm" aria-live="polite">
        <Loader size="sm" />
        <Text c="var(--ink-soft)">Signing in…</Text>
      </Group>
    ) : (
      <Stack gap="md">
        <Alert color="red" icon={<IconPlugConnectedX />} title="No answer from the server" role="alert">
          {problem}
        </Alert>
        <Button onClick={() => void resumeSession()}>Try again</Button>
        <Button variant="subtle" onClick={() => leaveSession()}>
          Sign in as someone else
        </Button>
      </Stack>
    )}
  </Gate>
);
