import { Alert, Group, Text, Title } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { DemoLogins, isDemo } from "./demo-logins.tsx";
import { Gate } from "./gate.tsx";
import type { Owner } from "./owner.ts";
import { PageLink } from "./page-link.tsx";
import type { Credentials } from "./session-store.ts";
import { SignInForm } from "./sign-in-form.tsx";

const nothing: Credentials = { email: "", password: "" };

/** Where an agent signs in, with the reason they are here when a session ended. */
export const SignInPage = ({ notice, as }: { notice?: string | undefined; as?: Owner | undefined }) => {
  const [credentials, setCredentials] = useState(as ? { email: as.user.email, password: "" } : nothing);
  return (
    <Gate label="Sign in">
      <Title order={1} size="h3">
        Sign in
      </Title>
      <Text c="var(--ink-soft)" size="sm" mb="md">
        {as ? `to ${as.tenant.name}, as ${as.user.name}` : "to reply to your contacts"}
      </Text>
      {notice && (
        <Alert mb="md" color="yellow" icon={<IconInfoCircle />} aria-live="polite">
          {notice}
        </Alert>
      )}
      <SignInForm credentials={credentials} as={as} onChange={setCredentials} />
      <Group justify="space-between" mt="md">
        <PageLink to="forgot-password">Forgot your password?</PageLink>
        <PageLink to="sign-up">Create a workspace</PageLink>
      </Group>
      {isDemo() && <DemoLogins onPick={setCredentials} />}
    </Gate>
  );
};
