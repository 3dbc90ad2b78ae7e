import type { Node } from "../server/context.ts";
import type { JobName } from "./jobs.ts";
import { sweepRouting } from "./jobs/routing/sweep.ts";
import { purgeSessions } from "./jobs/session/purge.ts";

/** A declared job without a handler does not compile. Every handler may run twice for one occasion and must not mind. */
export const handlers: Record<JobName, (node: Node) => Promise<void>> = {
  "routing.sweep": sweepRouting,
  "session.purge": purgeSessions,
};
