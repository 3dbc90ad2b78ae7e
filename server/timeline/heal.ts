import type { Logger } from "pino";
import { inPortions } from "../../db/across-tenants.ts";
import type { Database, Tenancy } from "../../db/tenancy.ts";
import type { Audience } from "../contract/entities.ts";
import type { Metrics } from "../metrics.ts";
import type { Publish } from "../realtime/publish.ts";
import { contactRoom, departmentRoom, supervisorRoom, timelineRoom } from "../realtime/rooms.ts";

type Change = [
  tenant: string,
  conversation: string,
  publicSeq: number,
  internalSeq: number,
  version: number,
  department: string | null,
  contact: string | null,
];
type Changed = { bucket: number; changed: Change[] };

type Options = {
  intervalMs: number;
  tenancy: Tenancy;
  publish: Publish;
  metrics: Metrics;
  log: Logger;
  /** The tenants that have sockets on this node. */
  listTenants: () => string[];
  /** Tells this node's sockets a conversation's state again. */
  healConversation: (tenantId: string, conversationId: string) => Promise<void>;
};

// A statement may run ten seconds before it commits, and a bucket is ten seconds wide: looking back two buckets more than
// the last successful look misses nothing.
const lookBack = 2;
const tenantsAtOnce = 3;

/**
 * The healing of law 3. Every few seconds the node asks Postgres, by one indexed query, which conversations of its tenants
 * changed lately, and tells its own sockets the heads that no live event has told them. It costs what changed, not what is
 * connected, and needs neither Redis nor the node that committed.
 */
export const startHealing = (options: Options): { stop: () => void; now: () => Promise<void> } => {
  const { intervalMs, tenancy, publish, metrics, log, listTenants, healConversation } = options;
  const since = new Map<Database, number>();
  /** Whose state is yet to be told, with their tenants. */
  const untold = new Map<string, string>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const tellHead = (tenantId: string, conversationId: string, audience: Audience, headSeq: number): void => {
    const room = timelineRoom(tenantId, conversationId, audience);
    if (headSeq === 0 || !publish.hasMembers(room)) return;
    if (!publish.told.head(conversationId, audience, headSeq)) return;
    metrics.healed.inc();
    publish.emitLocally([room], "timeline:head", { conversationId, audience, headSeq });
  };

  /** Lists show conversations nobody has opened: whoever may see one learns that it moved, at healing's pace. */
  const tellWatchers = (change: Change, audience: Audience): void => {
    const [tenantId, conversationId, publicSeq, internalSeq, , departmentId, contactId] = change;
    const headSeq = audience === "public" ? publicSeq : internalSeq;
    const rooms = [supervisorRoom(tenantId)];
    if (departmentId) rooms.push(departmentRoom(tenantId, departmentId));
    if (contactId && audience === "public") rooms.push(contactRoom(tenantId, contactId));
    if (headSeq === 0 || !rooms.some(publish.hasMembers)) return;
    if (!publish.told.watchedHead(conversationId, audience, headSeq)) return;
    const followers = timelineRoom(tenantId, conversationId, audience);
    publish.emitLocally(rooms, "timeline:head", { conversationId, audience, headSeq }, { rooms: [followers] });
  };

  const heal = async (database: Database, tenantIds: string[]): Promise<void> => {
    // The first look: what changed in the last half minute.
    const from = since.get(database) ?? Math.floor(Date.now() / 10_000) - 3;
    const changed: Change[] = [];
    let next = Infinity;
    for (const portion of inPortions(tenantIds)) {
      const [row] = await database.call<{ r: Changed }>("upkeep", "heal", "SELECT changed_heads($1, $2) AS r", [
        `{${portion.join(",")}}`,
        from,
      ]);
      changed.push(...row!.r.changed);
      next = Math.min(next, row!.r.bucket);
    }
    for (const change of changed) {
      const [tenantId, conversationId, publicSeq, internalSeq, version] = change;
      tellWatchers(change, "public");
      tellWatchers(change, "internal");
      tellHead(tenantId, conversationId, "public", publicSeq);
      tellHead(tenantId, conversationId, "internal", internalSeq);
      if (publish.told.version(conversationId, version)) untold.set(conversationId, tenantId);
    }
    since.set(database, next - lookBack);
  };

  /** A tenant's conversations one after the other, a few tenants at once: one that has to wait holds up nobody else's. */
  const tellStates = async (): Promise<void> => {
    const tenants = new Map<string, string[]>();
    for (const [conversationId, tenantId] of untold)
      tenants.set(tenantId, [...(tenants.get(tenantId) ?? []), conversationId]);
    const left = [...tenants];
    const lane = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [tenantId, conversationIds] = next;
        try {
          for (const conversationId of conversationIds) {
            await healConversation(tenantId, conversationId);
            untold.delete(conversationId);
          }
        } catch (error) {
          log.warn({ err: error, tenantId }, "healing a workspace is left to the next look");
        }
      }
    };
    await Promise.all(Array.from({ length: tenantsAtOnce }, lane));
  };

  const now = async (): Promise<void> => {
    const tenantIds = listTenants();
    for (const database of tenancy.databases()) {
      const there = tenantIds.filter((id) => tenancy.tenantDb(id) === database);
      if (there.length > 0) await heal(database, there);
    }
    await tellStates();
  };

  const run = (): void => {
    if (stopped) return;
    now()
      .catch((error: unknown) => log.warn({ err: error }, "healing has to wait for the database"))
      .finally(() => {
        if (!stopped) timer = setTimeout(run, intervalMs);
      });
  };
  timer = setTimeout(run, intervalMs);
  return {
    now,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
