/** What workers do, by name `noun.verb` (BullMQ forbids `:`). `everyMs`: how often it is due by itself. */
export const jobs = {
  /** Takes back what members hold who may hold nothing any more. */
  "agent.sweep": { everyMs: 10_000 },
  /** Forgets the answers of requests with an Idempotency-Key after a day. */
  "idempotency.purge": { everyMs: 3_600_000 },
  /** Sends the mails that are due. */
  "mail.deliver": { everyMs: 2_000 },
  /** Forgets old mails, and gives up those nobody could send. */
  "mail.purge": { everyMs: 3_600_000 },
  /** Passes on offers that nobody answered, where no node has. */
  "offer.sweep": { everyMs: 2_000 },
  /** Hands back the conversations of agents who have been gone for longer than the grace. */
  "presence.watch": { everyMs: 5_000 },
  /** Mails contacts who left an address the replies that they have not read. */
  "reply.mail": { everyMs: 30_000 },
  /** Sets counts of slots right that do not say what the assignments say. */
  "routing.repair": { everyMs: 30_000 },
  /** Routes what a node that died left in the queue. */
  "routing.sweep": { everyMs: 2_000 },
  /** Forgets logins that ended long ago. */
  "session.purge": { everyMs: 3_600_000 },
  /** Ends trials whose time is up, and reminds of those about to end. */
  "subscription.expire": { everyMs: 60_000 },
  /** Tells admins that a month's conversations are nearly used up. */
  "usage.warn": { everyMs: 300_000 },
} as const;

export type JobName = keyof typeof jobs;
