/** What workers do, by name `noun.verb` (BullMQ forbids `:`). `everyMs`: how often it is due by itself. */
export const jobs = {
  /** Routes what a node that died left in the queue. */
  "routing.sweep": { everyMs: 5_000 },
  /** Forgets logins that ended long ago. */
  "session.purge": { everyMs: 3_600_000 },
} as const;

export type JobName = keyof typeof jobs;
