import { Text, UnstyledButton } from "@mantine/core";
import classes from "./gate.module.css";
import type { Credentials } from "./session-store.ts";

const password = "parley-demo";
const logins = [
  { email: "agent@acme.test", role: "Acme, agent" },
  { email: "agent2@acme.test", role: "Acme, agent" },
  { email: "manager@acme.test", role: "Acme, manager" },
  { email: "admin@acme.test", role: "Acme, admin" },
  { email: "agent@globex.test", role: "Globex, agent" },
  { email: "admin@globex.test", role: "Globex, admin" },
  { email: "root@parley.test", role: "Parley's own staff" },
];

/** The server marks the page when it runs on demo data; nowhere else are logins shown. */
export const isDemo = (): boolean =>
  document.querySelector('meta[name="parley-demo"]')?.getAttribute("content") === "true";

/** Fills the form with a demo login at a click. */
export const DemoLogins = ({ onPick }: { onPick: (credentials: Credentials) => void }) => (
  <section className={classes["demo"]} aria-label="Demo logins">
    <Text size="sm" fw={600}>
      This is a demo
    </Text>
    <Text size="sm" c="var(--ink-soft)" mb={6}>
      Pick a login; the password is <code>{password}</code>.
    </Text>
    {logins.map(({ email, role }) => (
      <UnstyledButton key={email} className={classes["login"]} onClick={() => onPick({ email, password })}>
        <span>{email}</span>
        <span className={classes["role"]}>{role}</span>
      </UnstyledButton>
    ))}
  </section>
);
