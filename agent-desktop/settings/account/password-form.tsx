import { PasswordInput } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { CodeField } from "../../session/code-field.tsx";
import { NewPassword, passwordProblem } from "../../session/new-password.tsx";
import { RestError } from "../../session/rest.ts";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import { SaveForm } from "../parts/save-form.tsx";

/** `asksCode`: the person signs in with a second factor, and shows it here too. */
export const PasswordForm = ({ asksCode }: { asksCode: boolean }) => {
  const obstacle = useRouteObstacle("auth/password/change");
  const [currentPassword, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const save = async () => {
    const problem = passwordProblem(password);
    if (problem) throw new RestError(400, "invalid_payload", problem, false);
    await ask("auth/password/change", {
      body: { currentPassword, password, ...(asksCode && { code: code.trim() }) },
    });
    setCurrent("");
    setPassword("");
    setCode("");
    tell("success", "Your password is changed. You are signed out everywhere else");
  };
  return (
    <SaveForm obstacle={obstacle} submit="Change the password" onSave={save}>
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        maxLength={72}
        value={currentPassword}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      {asksCode && <CodeField description="From your app, or a recovery code." value={code} onChange={setCode} />}
      <NewPassword label="New password" value={password} onChange={setPassword} />
    </SaveForm>
  );
};
