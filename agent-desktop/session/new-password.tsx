import { PasswordInput } from "@mantine/core";

/** At least so many characters, at most so many bytes: what the server takes. */
const least = 10;
const mostBytes = 72;

/** Why a password can't be chosen, or null. */
export const passwordProblem = (password: string): string | null => {
  if (password.length < least) return `Choose at least ${least} characters.`;
  if (new TextEncoder().encode(password).length > mostBytes) return "This password is too long: 72 bytes at most.";
  return null;
};

type Props = { label?: string; value: string; onChange: (value: string) => void; told?: boolean };

/** Where somebody chooses a password; what is wrong with it is said once it was left, or `told`. */
export const NewPassword = ({ label = "Password", value, onChange, told = false }: Props) => (
  <PasswordInput
    label={label}
    description={`At least ${least} characters.`}
    name="new-password"
    autoComplete="new-password"
    required
    withAsterisk={false}
    minLength={least}
    value={value}
    error={(told || new TextEncoder().encode(value).length > mostBytes) && passwordProblem(value)}
    onChange={(event) => onChange(event.currentTarget.value)}
  />
);
