import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { RestError } from "./rest.ts";
import { signIn, type Credentials } from "./session-store.ts";

type Props = { credentials: Credentials; onChange: (credentials: Credentials) => void };

/** What to tell a person about a refused sign-in. The server's own sentence, except where it can't know the situation. */
const explain = (error: unknown): string => {
  if (!(error instanceof RestError)) return "Something went wrong in this page. Reload it and try again.";
  if (error.code === "unauthenticated") return "The e-mail address or the password is wrong.";
  if (error.code === "invalid_payload") return "Check the e-mail address and the password.";
  return error.message;
};

export const SignInForm = ({ credentials, onChange }: Props) => {
  const first = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => first.current?.focus(), []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn({ email: credentials.email.trim(), password: credentials.password });
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {problem && (
          <Alert color="red" icon={<IconAlertCircle />} role="alert">
            {problem}
          </Alert>
        )}
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          ref={first}
          required
          withAsterisk={false}
          maxLength={254}
          value={credentials.email}
          onChange={(event) => onChange({ ...credentials, email: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={72}
          value={credentials.password}
          onChange={(event) => onChange({ ...credentials, password: event.currentTarget.value })}
        />
        <Button type="submit" loading={busy} mt="xs">
          Sign in
        </Button>
      </Stack>
    </form>
  );
};
