import { Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { planOf, trialDays, trialPlan } from "../../server/contract/plans.ts";
import { CodeField } from "./code-field.tsx";
import { EmailField } from "./email-field.tsx";
import { asksForCode, explainJoining } from "./explain.ts";
import { Gate } from "./gate.tsx";
import { GateForm } from "./gate-form.tsx";
import { NewPassword, passwordProblem } from "./new-password.tsx";
import { PageLink } from "./page-link.tsx";
import { goTo } from "./page.ts";
import { RestError } from "./rest.ts";
import { signUp } from "./session-store.ts";
import { slugOf } from "./slug.ts";

const explain = (error: unknown): string => {
  if (error instanceof RestError && error.code === "conflict")
    return "This short name is taken. Choose another one for your workspace.";
  return explainJoining(error);
};

/** Where a company signs itself up. A login that exists already gets one more workspace by its password. */
export const SignUpPage = () => {
  const [form, setForm] = useState({ company: "", slug: "", name: "", email: "", password: "" });
  const [ownSlug, setOwnSlug] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const slug = ownSlug ? form.slug : slugOf(form.company);
  const field = (key: keyof typeof form) => ({
    value: form[key],
    required: true,
    withAsterisk: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((held) => ({ ...held, [key]: value }));
    },
  });

  const submit = async () => {
    const { company, name, email, password } = form;
    const problem = passwordProblem(password);
    if (problem) throw new RestError(400, "invalid_payload", problem, false);
    const workspace = { name: company, slug };
    try {
      await signUp({ email: email.trim(), password, name, workspace, ...(code && { code: code.trim() }) });
    } catch (error) {
      if (!asksForCode(error)) throw error;
      setCode("");
      return;
    }
    goTo("", { replace: true });
  };

  return (
    <Gate label="Create a workspace">
      <Title order={1} size="h3">
        Create a workspace
      </Title>
      <Text c="var(--ink-soft)" size="sm" mb="md">
        Try {planOf(trialPlan).name} for {trialDays} days, without a card.
      </Text>
      <GateForm submit="Create the workspace" explain={explain} onSubmit={submit}>
        <TextInput label="Company" autoComplete="organization" maxLength={100} {...field("company")} />
        <TextInput
          label="Short name"
          description="Small letters, digits and hyphens: it becomes part of your address."
          maxLength={63}
          minLength={3}
          pattern="[a-z0-9][a-z0-9\-]*[a-z0-9]"
          {...field("slug")}
          value={slug}
          onInput={() => setOwnSlug(true)}
        />
        <TextInput label="Your name" autoComplete="name" maxLength={100} {...field("name")} />
        <EmailField autoComplete="username" {...field("email")} />
        <NewPassword value={form.password} onChange={(password) => setForm((held) => ({ ...held, password }))} />
        {code !== null && (
          <CodeField
            description="You already have a login with a second factor: enter its code."
            value={code}
            onChange={setCode}
          />
        )}
      </GateForm>
      <Text size="sm" mt="md">
        Already have a workspace? <PageLink to="">Sign in</PageLink>
      </Text>
    </Gate>
  );
};
