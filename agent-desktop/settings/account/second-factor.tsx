import { counted } from "../../shell/plural.ts";
import { Badge, Group, PasswordInput, Text } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { CodeField } from "../../session/code-field.tsx";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle, type Me } from "../own.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { Part } from "../parts/section.tsx";
import { ConfirmFactor } from "./confirm-factor.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

type Step = "password" | "codes" | "off" | { secret: string; uri: string };

const titles = { password: "Confirm it's you", codes: "New recovery codes", off: "Sign in without a code again?" };
const submits = { password: "Continue", codes: "Create new codes", off: "Turn it off" };

/** Asks for a code after the password, from an app on one's phone. */
export const SecondFactor = ({ me, onChange }: { me: Me; onChange: () => void }) => {
  const on = me.user.secondFactor;
  const obstacle = useRouteObstacle("auth/totp/setup");
  const [step, setStep] = useState<Step | null>(null);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const asking = typeof step === "string" ? step : null;

  const open = (next: Step) => {
    setPassword("");
    setCode("");
    setStep(next);
  };
  const close = () => setStep(null);
  const proof = { password, code: code.trim() };
  const submit = async () => {
    if (step === "codes") setCodes((await ask("auth/totp/recovery-codes", { body: proof })).recoveryCodes);
    if (step === "off") {
      await ask("auth/totp/disable", { body: proof });
      tell("success", "Signing in now asks for your password only");
    }
    if (step !== "password") onChange();
  };
  const begin = async () => setStep(await ask("auth/totp/setup", { body: { password } }));

  return (
    <Part
      title="Second factor"
      about={
        on
          ? `Signing in asks for a code. You have ${counted(me.user.recoveryCodesLeft, "recovery code")} left.`
          : "A code from an app on your phone, after your password. Your password alone is then not enough to sign in."
      }
      actions={
        <Badge variant="light" color={on ? "green" : "gray"} tt="none">
          {on ? "On" : "Off"}
        </Badge>
      }
    >
      <Group gap="sm">
        {on ? (
          <>
            <GuardedButton size="xs" variant="default" obstacle={obstacle} onClick={() => open("codes")}>
              New recovery codes…
            </GuardedButton>
            <GuardedButton size="xs" variant="light" color="red" obstacle={obstacle} onClick={() => open("off")}>
              Turn it off…
            </GuardedButton>
          </>
        ) : (
          <GuardedButton size="xs" obstacle={obstacle} onClick={() => open("password")}>
            Set it up…
          </GuardedButton>
        )}
      </Group>
      <FormDialog
        opened={asking !== null}
        onClose={() => setStep((held) => (held === asking ? null : held))}
        title={asking ? titles[asking] : ""}
        submit={asking ? submits[asking] : ""}
        danger={asking === "off"}
        obstacle={obstacle}
        onSubmit={asking === "password" ? begin : submit}
      >
        {asking === "codes" && <Text size="sm">Your current codes stop working.</Text>}
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={72}
          data-autofocus
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {asking !== "password" && (
          <CodeField description="From your app, or a recovery code." value={code} onChange={setCode} />
        )}
      </FormDialog>
      {step !== null && typeof step === "object" && (
        <ConfirmFactor
          {...step}
          onClose={close}
          onDone={(recoveryCodes) => {
            setCodes(recoveryCodes);
            onChange();
          }}
        />
      )}
      <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />
    </Part>
  );
};
