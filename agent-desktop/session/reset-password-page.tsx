import { Alert, Text, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Gate } from "./gate.tsx";
import { GateForm } from "./gate-form.tsx";
import { NewPassword, passwordProblem } from "./new-password.tsx";
import { PageLink } from "./page-link.tsx";
import { fetchJson, RestError } from "./rest.ts";
import { sessionIsOver } from "./session-store.ts";

const explain = (error: unknown): string => {
  if (!(error instanceof RestError)) return "Something went wrong in this page. Reload it and try again.";
  if (error.code === "unauthenticated") return "This link has been used or has expired. Ask for a new one.";
  return error.message;
};

/** Where the mailed link leads: a new password, once. */
export const ResetPasswordPage = ({ token }: { token: string }) => {
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const submit = async () => {
    const problem = passwordProblem(password);
    if (problem) throw new RestError(400, "invalid_payload", problem, false);
    await fetchJson("auth/password/reset", { body: { token, password } });
    // Every session ended with it, the one of this browser too.
    sessionIsOver("Your password is changed. Sign in with the new one.");
    setDone(true);
  };
  return (
    <Gate label="Choose a new password">
      <Title order={1} size="h3" mb="md">
        Choose a new password
      </Title>
      {done ? (
        <Alert color="green" icon={<IconCheck />} aria-live="polite">
          Your password is changed, and every session has ended.
        </Alert>
      ) : token === "" ? (
        <Alert color="red" role="alert">
          This link is incomplete. Open it exactly as it is in the mail, or ask for a new one.
        </Alert>
      ) : (
        <GateForm submit="Change the password" explain={explain} onSubmit={submit}>
          <NewPassword label="New password" value={password} onChange={setPassword} />
        </GateForm>
      )}
      <Text size="sm" mt="md">
        {done ? <PageLink to="">Sign in</PageLink> : <PageLink to="forgot-password">Ask for a new link</PageLink>}
      </Text>
    </Gate>
  );
};
