import { Anchor, PasswordInput, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { CodeField } from "./code-field.tsx";
import { EmailField } from "./email-field.tsx";
import { asksForCode, explainSignIn } from "./explain.ts";
import { GateForm } from "./gate-form.tsx";
import type { Owner } from "./owner.ts";
import { signIn, type Credentials } from "./session-store.ts";

type Props = { credentials: Credentials; onChange: (credentials: Credentials) => void };

/** A field that has the focus as soon as it is there, if it is the first one to be filled in. */
const useFirstField = (isFirst = true) => {
  const field = useRef<HTMLInputElement>(null);
  const first = useRef(isFirst);
  useEffect(() => {
    if (first.current) field.current?.focus();
  }, []);
  return field;
};

const CredentialFields = ({ credentials, onChange }: Props) => (
  <>
    <EmailField
      name="email"
      autoComplete="username"
      ref={useFirstField(credentials.email === "")}
      value={credentials.email}
      onChange={(event) => onChange({ ...credentials, email: event.currentTarget.value })}
    />
    <PasswordInput
      label="Password"
      name="password"
      autoComplete="current-password"
      ref={useFirstField(credentials.email !== "")}
      required
      withAsterisk={false}
      maxLength={72}
      value={credentials.password}
      onChange={(event) => onChange({ ...credentials, password: event.currentTarget.value })}
    />
  </>
);

type CodeProps = { email: string; code: string; onChange: (code: string | null) => void };

const CodeStep = ({ email, code, onChange }: CodeProps) => (
  <>
    <Text size="sm">Enter the code from your authenticator app for {email}, or one of your recovery codes.</Text>
    <CodeField name="code" ref={useFirstField()} value={code} onChange={onChange} />
    <Anchor component="button" type="button" size="sm" onClick={() => onChange(null)}>
      Sign in as someone else
    </Anchor>
  </>
);

/** E-mail and password, and a code after these where the login has a second factor. */
export const SignInForm = ({ credentials, as, onChange }: Props & { as: Owner | undefined }) => {
  const [code, setCode] = useState<string | null>(null);

  const submit = async () => {
    const { password } = credentials;
    const email = credentials.email.trim();
    // Whoever they were here needs no choice of workspaces to be that again.
    const tenant = email === as?.user.email ? as.tenant.slug : undefined;
    try {
      await signIn({ email, password }, code?.trim() || undefined, tenant);
    } catch (error) {
      if (!asksForCode(error)) throw error;
      setCode("");
    }
  };

  return (
    <GateForm submit="Sign in" explain={explainSignIn} onSubmit={submit}>
      {code === null ? (
        <CredentialFields credentials={credentials} onChange={onChange} />
      ) : (
        <CodeStep email={credentials.email} code={code} onChange={setCode} />
      )}
    </GateForm>
  );
};
