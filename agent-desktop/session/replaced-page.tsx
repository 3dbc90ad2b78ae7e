import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { sentenceOf } from "./ask.ts";
import { Gate } from "./gate.tsx";
import type { Owner } from "./owner.ts";
import { continueAs, returnTo } from "./session-store.ts";

/**
 * Where a tab turns to when another tab of the browser has signed in as somebody else, or in another workspace: both share
 * one cookie. Nothing is shown or done for either before the person says who this tab is to be.
 */
export const ReplacedPage = ({ own, now }: { own: Owner; now: Owner }) => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const same = own.user.id === now.user.id;

  const goBack = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await returnTo(own, now);
    } catch (error) {
      setProblem(sentenceOf(error));
      setBusy(false);
    }
  };

  return (
    <Gate label="Signed in elsewhere">
      <Title order={1} size="h3" mb="xs" ref={title} tabIndex={-1}>
        {same ? "You switched workspace in another tab" : "Somebody else signed in in another tab"}
      </Title>
      <Text size="sm" mb="xs">
        {same ? (
          <>
            This browser now works in <strong>{now.tenant.name}</strong>. This tab was in{" "}
            <strong>{own.tenant.name}</strong>.
          </>
        ) : (
          <>
            This browser is now signed in as <strong>{now.user.name}</strong> ({now.user.email}) at {now.tenant.name}.
            This tab was <strong>{own.user.name}</strong> at {own.tenant.name}.
          </>
        )}
      </Text>
      <Text c="var(--ink-soft)" size="sm" mb="md">
        All tabs of a browser share one sign-in. What you had started to write in this tab is kept for{" "}
        {same ? own.tenant.name : own.user.name}.
      </Text>
      {problem && (
        <Alert mb="md" color="red" icon={<IconAlertCircle />} role="alert">
          {problem}
        </Alert>
      )}
      <Stack gap="xs">
        <Button disabled={busy} onClick={() => continueAs(now)}>
          {same ? `Continue in ${now.tenant.name}` : `Continue as ${now.user.name}`}
        </Button>
        <Button variant="default" loading={busy} onClick={() => void goBack()}>
          {same ? `Go back to ${own.tenant.name}` : `Sign in as ${own.user.name} again`}
        </Button>
      </Stack>
    </Gate>
  );
};
