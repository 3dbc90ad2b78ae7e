import { Alert, Button, Group, Loader, PasswordInput, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { CodeField } from "./code-field.tsx";
import { asksForCode, explainJoining } from "./explain.ts";
import { Gate } from "./gate.tsx";
import { GateForm } from "./gate-form.tsx";
import { NewPassword, passwordProblem } from "./new-password.tsx";
import { PageLink } from "./page-link.tsx";
import { goTo } from "./page.ts";
import { fetchJson, RestError, type Answer } from "./rest.ts";
import { joinWorkspace } from "./session-store.ts";
import { useLoaded } from "./use-loaded.ts";

type Preview = Answer<"invitation/preview">;

const explain = (error: unknown): string => {
  const wrong = error instanceof RestError && error.code === "unauthenticated" && !error.details["reason"];
  return wrong ? "The password is wrong." : explainJoining(error);
};

const AcceptForm = ({ token, preview }: { token: string; preview: Preview }) => {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const { hasLogin, email } = preview;

  const submit = async () => {
    const problem = hasLogin ? null : passwordProblem(password);
    if (problem) throw new RestError(400, "invalid_payload", problem, false);
    const who = { ...(!hasLogin && { name }), ...(code && { code: code.trim() }) };
    try {
      await joinWorkspace({ token, password, ...who });
    } catch (error) {
      if (!asksForCode(error)) throw error;
      setCode("");
      return;
    }
    goTo("", { replace: true });
  };

  return (
    <GateForm submit="Join the workspace" explain={explain} onSubmit={submit}>
      <TextInput label="E-mail" autoComplete="username" value={email} readOnly />
      {hasLogin ? (
        <PasswordInput
          label="Your password"
          description="You already have a login. Confirm that it's yours."
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={72}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      ) : (
        <>
          <TextInput
            label="Your name"
            description="Colleagues and contacts see it."
            autoComplete="name"
            required
            withAsterisk={false}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NewPassword value={password} onChange={setPassword} />
        </>
      )}
      {code !== null && (
        <CodeField description="From your authenticator app, or a recovery code." value={code} onChange={setCode} />
      )}
    </GateForm>
  );
};

/** Where the link of an invitation leads: who invites to what, and the way in. */
export const InvitationPage = ({ token }: { token: string }) => {
  const { data, problem, again, loading, reload } = useLoaded((signal) => {
    const incomplete = "This link is incomplete. Open it exactly as it is in the mail.";
    if (!token) return Promise.reject(new RestError(404, "not_found", incomplete, false));
    return fetchJson("invitation/preview", { body: { token } }, undefined, signal);
  }, token);

  return (
    <Gate label="Invitation">
      <Title order={1} size="h3">
        {data ? `Join ${data.tenant.name}` : "Your invitation"}
      </Title>
      {loading && !data && (
        <Group gap="sm" mt="md" aria-live="polite">
          <Loader size="sm" />
          <Text c="var(--ink-soft)">Looking it up…</Text>
        </Group>
      )}
      {problem && !data && (
        <Alert color="red" mt="md" role="alert">
          {problem}
          {again && (
            <Button mt="xs" size="xs" display="block" variant="light" color="red" onClick={reload}>
              Try again
            </Button>
          )}
        </Alert>
      )}
      {data && (
        <>
          <Text c="var(--ink-soft)" size="sm" mb="md">
            {data.invitedBy.name} invites you, as {data.roleName}.
          </Text>
          <AcceptForm token={token} preview={data} />
        </>
      )}
      <Text size="sm" mt="md">
        <PageLink to="">Go to the desktop</PageLink>
      </Text>
    </Gate>
  );
};
