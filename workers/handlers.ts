import type { Node } from "../server/context.ts";
import type { JobName } from "./jobs.ts";
import { sweepAgents } from "./jobs/agent/sweep.ts";
import { purgeIdempotencyKeys } from "./jobs/idempotency/purge.ts";
import { deliverMail } from "./jobs/mail/deliver.ts";
import { purgeMail } from "./jobs/mail/purge.ts";
import { sweepOffers } from "./jobs/offer/sweep.ts";
import { watchPresence } from "./jobs/presence/watch.ts";
import { mailReplies } from "./jobs/reply/mail.ts";
import { repairSlots } from "./jobs/routing/repair.ts";
import { sweepRouting } from "./jobs/routing/sweep.ts";
import { purgeSessions } from "./jobs/session/purge.ts";
import { expireTrials } from "./jobs/subscription/expire.ts";
import { warnOfUsage } from "./jobs/usage/warn.ts";

/** A declared job without a handler does not compile. Every handler may run twice for one occasion and must not mind. */
export const handlers: Record<JobName, (node: Node) => Promise<void>> = {
  "agent.sweep": sweepAgents,
  "idempotency.purge": purgeIdempotencyKeys,
  "mail.deliver": deliverMail,
  "mail.purge": purgeMail,
  "offer.sweep": sweepOffers,
  "presence.watch": watchPresence,
  "reply.mail": mailReplies,
  "routing.repair": repairSlots,
  "routing.sweep": sweepRouting,
  "session.purge": purgeSessions,
  "subscription.expire": expireTrials,
  "usage.warn": warnOfUsage,
};
