import { Alert, Text, Title } from "@mantine/core";
import { IconMailCheck } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "./ask.ts";
import { isDemo } from "./demo-logins.tsx";
import { EmailField } from "./email-field.tsx";
import { Gate } from "./gate.tsx";
import { GateForm } from "./gate-form.tsx";
import { PageLink } from "./page-link.tsx";
import { fetchJson } from "./rest.ts";

/** Has a link mailed by which a new password can be chosen. Says the same whether or not the address is known. */
export const ForgotPasswordPage = () => {
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState<string | null>(null);
  return (
    <Gate label="Forgot your password?">
      <Title order={1} size="h3" mb="md">
        Forgot your password?
      </Title>
      {sentTo === null ? (
        <GateForm
          submit="Send me a link"
          explain={sentenceOf}
          onSubmit={async () => {
            await fetchJson("auth/password/forgot", { body: { email: email.trim() } });
            setSentTo(email.trim());
          }}
        >
          <EmailField
            autoComplete="username"
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
        </GateForm>
      ) : (
        <Alert color="green" icon={<IconMailCheck />} aria-live="polite">
          If {sentTo} belongs to a login, a link is on its way. It works once, within an hour.
          {isDemo() && (
            <Text size="sm" mt="xs">
              In this demo, look for the mail in the <a href="/outbox">outbox</a>.
            </Text>
          )}
        </Alert>
      )}
      <Text size="sm" mt="md">
        <PageLink to="">Back to signing in</PageLink>
      </Text>
    </Gate>
  );
};
