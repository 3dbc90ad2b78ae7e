import { Badge, Group, Text, TextInput } from "@mantine/core";
import { useResend } from "../../session/use-resend.ts";
import { useReturn } from "../../session/use-return.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle, type Me } from "../own.ts";
import { Part } from "../parts/section.tsx";

/** The address one signs in with, and whether it was shown to be one's own. */
export const EmailAddress = ({ me, onChange }: { me: Me; onChange: () => void }) => {
  const { email, emailConfirmed } = me.user;
  const obstacle = useRouteObstacle("auth/email/resend");
  const { busy, sent, problem, send } = useResend(onChange);
  useReturn(!emailConfirmed, onChange);
  return (
    <Part
      title="E-mail"
      about={
        emailConfirmed
          ? "You sign in with it, and a link to a new password is mailed to it."
          : "You sign in with it. Please confirm by a mailed link that it is yours."
      }
      actions={
        <Badge variant="light" color={emailConfirmed ? "green" : "gray"} tt="none">
          {emailConfirmed ? "Confirmed" : "Not confirmed"}
        </Badge>
      }
    >
      <TextInput aria-label="E-mail" value={email} readOnly maw={420} />
      {!emailConfirmed && (
        <Group gap="sm" mt="sm">
          <GuardedButton size="xs" variant="default" obstacle={obstacle} loading={busy} onClick={send}>
            Send a link
          </GuardedButton>
          <Text size="sm" c={problem ? "var(--danger)" : "var(--ink-soft)"} aria-live="polite">
            {problem ?? (sent ? "Sent. Please check your mail." : "")}
          </Text>
        </Group>
      )}
    </Part>
  );
};
