import { Alert, Button, Text, Title } from "@mantine/core";
import { IconCheck, IconMailCheck } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "./ask.ts";
import { Gate } from "./gate.tsx";
import { GateForm } from "./gate-form.tsx";
import { PageLink } from "./page-link.tsx";
import { fetchJson, RestError } from "./rest.ts";
import { useSession } from "./session-store.ts";
import { useResend } from "./use-resend.ts";

/** What somebody can do whose link no longer works: who is signed in has a new one sent from here. */
const Spent = () => {
  const session = useSession();
  const { busy, sent, problem, send } = useResend();
  const email = session.phase === "signed_in" ? session.login.user.email : null;
  if (sent)
    return (
      <Alert color="green" icon={<IconMailCheck />} aria-live="polite">
        A new link is on its way to {email}. It works for seven days.
      </Alert>
    );
  return (
    <>
      <Alert color="red" role="alert">
        {problem ?? `This link is incomplete or has expired.${email ? "" : " Sign in to have a new one sent."}`}
      </Alert>
      {email && (
        <Button mt="md" fullWidth loading={busy} onClick={send}>
          Send a new one
        </Button>
      )}
    </>
  );
};

/** Where the mailed link leads. It takes a click: programs that look into mails open links too. */
export const ConfirmEmailPage = ({ token }: { token: string }) => {
  const [outcome, setOutcome] = useState<"done" | "spent" | null>(token === "" ? "spent" : null);
  const submit = async () => {
    try {
      await fetchJson("auth/email/confirm", { body: { token } });
      setOutcome("done");
    } catch (error) {
      if (!(error instanceof RestError && error.code === "unauthenticated")) throw error;
      setOutcome("spent");
    }
  };
  return (
    <Gate label="Confirm your address">
      <Title order={1} size="h3" mb="xs">
        Confirm your address
      </Title>
      {outcome === null && (
        <>
          <Text c="var(--ink-soft)" size="sm" mb="md">
            This confirms that the address is yours and that it was you who signed up. If it wasn't, close this page:
            nothing has happened.
          </Text>
          <GateForm submit="Confirm my address" explain={sentenceOf} onSubmit={submit}>
            {null}
          </GateForm>
        </>
      )}
      {outcome === "done" && (
        <Alert color="green" icon={<IconCheck />} aria-live="polite">
          Your address is confirmed. Thank you.
        </Alert>
      )}
      {outcome === "spent" && <Spent />}
      <Text size="sm" mt="md">
        <PageLink to="">Go to the desktop</PageLink>
      </Text>
    </Gate>
  );
};
