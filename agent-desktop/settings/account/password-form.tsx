import { PasswordInput } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { NewPassword, passwordProblem } from "../../session/new-password.tsx";
import { RestError } from "../../session/rest.ts";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import { SaveForm } from "../parts/save-form.tsx";

export const PasswordForm = () => {
  const obstacle = useRouteObstacle("auth/password/change");
  const [currentPassword, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const save = async () => {
    const problem = passwordProblem(password);
    if (problem) throw new RestError(400, "invalid_payload", problem, false);
    await ask("auth/password/change", { body: { currentPassword, password } });
    setCurrent("");
    setPassword("");
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
      <NewPassword label="New password" value={password} onChange={setPassword} />
    </SaveForm>
  );
};
