import { Button, CloseButton } from "@mantine/core";
import { useState } from "react";
import { ask } from "./ask.ts";
import { isDemo } from "./demo-logins.tsx";
import classes from "./confirm-email.module.css";
import { useLoaded } from "./use-loaded.ts";
import { useResend } from "./use-resend.ts";
import { useReturn } from "./use-return.ts";

const laterKey = "parley:confirm-later";

/** Whose banner was put away in this tab. */
const putAway = (): string | null => {
  try {
    return sessionStorage.getItem(laterKey);
  } catch {
    return null;
  }
};

const keepAway = (userId: string): void => {
  try {
    sessionStorage.setItem(laterKey, userId);
  } catch {
    // It comes back at a reload.
  }
};

/** Asks whoever's address is not confirmed to have that done by a mailed link. Nothing waits for it, so it can be put away. */
export const ConfirmEmailBanner = () => {
  const { data: me, reload } = useLoaded((signal) => ask("me", {}, signal));
  const [away, setAway] = useState(putAway);
  const { busy, sent, problem, send } = useResend(reload);
  const awaited = me !== undefined && !me.user.emailConfirmed && !me.via;
  useReturn(awaited, reload);
  if (!awaited || away === me.user.id) return null;
  const { id, email } = me.user;
  const dismiss = () => {
    setAway(id);
    keepAway(id);
  };
  return (
    <section className={classes["banner"]} aria-label="Your address">
      <span className={classes["told"]} aria-live="polite">
        {problem ??
          (sent
            ? `We have sent a link to ${email}. Please check your mail.`
            : `Please confirm that ${email} is your address: follow the link in the mail we sent.`)}
      </span>
      {!sent && (
        <Button size="compact-xs" variant="light" loading={busy} onClick={send}>
          Send it again
        </Button>
      )}
      {isDemo() && <a href="/outbox">Demo outbox</a>}
      <CloseButton className={classes["close"]} size="sm" aria-label="Dismiss" onClick={dismiss} />
    </section>
  );
};
