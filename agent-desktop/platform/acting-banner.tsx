import { Button } from "@mantine/core";
import { IconUserShare } from "@tabler/icons-react";
import { useLayoutEffect } from "react";
import type { Impersonation } from "../../server/contract/platform-routes.ts";
import { clockText } from "../list/when.ts";
import { sentenceOf } from "../session/ask.ts";
import { useClientState } from "../session/client-context.tsx";
import { useActing } from "../session/session-store.ts";
import { tell } from "../shell/notices.ts";
import { comeBack, endActing } from "./act.ts";
import { overText } from "./over-text.ts";
import classes from "./platform.module.css";

const Banner = ({ impersonation }: { impersonation: Impersonation }) => {
  const { user, tenant, readOnly, expiresAt } = impersonation;
  const { status, error, endedReason } = useClientState((state) => state.session);
  const over = status === "ended" && endedReason !== "closed";
  // Before anybody sees a desktop that is of no use any more.
  useLayoutEffect(() => {
    if (over && comeBack(impersonation))
      tell("error", `You no longer act as ${user.name}: ${overText(endedReason, error)}`);
  }, [over, impersonation, user.name, endedReason, error]);
  const end = () =>
    endActing(impersonation).catch((problem: unknown) =>
      tell("error", `It could not be ended and lasts until ${clockText(expiresAt)}: ${sentenceOf(problem)}`),
    );
  return (
    <section className={classes["acting"]} data-write={!readOnly || undefined} aria-label="Acting as somebody else">
      <IconUserShare size={18} aria-hidden />
      <span>
        You act as <strong>{user.name}</strong> of <strong>{tenant.name}</strong>,{" "}
        {readOnly ? "read only" : "and may change things"}, until{" "}
        <time dateTime={expiresAt}>{clockText(expiresAt)}</time>
      </span>
      <Button size="compact-sm" variant="default" onClick={() => void end()}>
        End
      </Button>
    </section>
  );
};

/** Says in whose place one works, for as long as one does, and leads back. */
export const ActingBanner = () => {
  const impersonation = useActing();
  return impersonation ? <Banner impersonation={impersonation} /> : null;
};
