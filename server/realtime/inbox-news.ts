import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { InboxAvailability } from "../contract/widget.ts";
import { availabilityAt, type InboxFacts } from "../features/availability/inbox.ts";
import type { Present } from "./presence.ts";
import { inboxRoom } from "./rooms.ts";

/** Tells visitors whether anybody is there. */
export type InboxNews = {
  /** What a socket that has joined the inbox' room should take for true: what changes later, it is told. */
  availability: (tenantId: string, inboxId: string) => Promise<InboxAvailability | undefined>;
  /** After each look at presence: the clock has moved on, and agents may have come or gone. */
  look: (tenantId: string, present: ReadonlyMap<string, Present>) => void;
  /** Availabilities, departments or hours may have changed: the next look asks the database. */
  outdate: (tenantId: string) => void;
};

type Options = {
  log: Logger;
  /** How long facts may be relied on when nobody says that they changed. */
  keepMs: number;
  listFacts: (tenantId: string, inboxIds: string[]) => Promise<InboxFacts[]>;
  snapshot: (tenantId: string) => Promise<ReadonlyMap<string, Present>>;
  hasMembers: (room: string) => boolean;
  emitLocally: (rooms: string[], event: string, data: unknown) => void;
};

type Inbox = { facts: InboxFacts; told: InboxAvailability };
type Tenant = { inboxes: Map<string, Inbox>; listedAt: number };

/**
 * Each node knows the inboxes that have visitors here. A look costs a comparison for each; the database is asked when
 * somebody said that something changed, and every `keepMs` otherwise.
 */
export const createInboxNews = (options: Options): InboxNews => {
  const { log, keepMs, listFacts, snapshot, hasMembers, emitLocally } = options;
  const tenants = new Map<string, Tenant>();
  const asked = new Map<string, Promise<InboxAvailability | undefined>>();

  const tell = (tenantId: string, { inboxes }: Tenant, present: ReadonlyMap<string, Present>): void => {
    const now = new Date();
    for (const [id, inbox] of inboxes) {
      const availability = availabilityAt(inbox.facts, present, now);
      if (isDeepStrictEqual(availability, inbox.told)) continue;
      inbox.told = availability;
      emitLocally([inboxRoom(tenantId, id)], "inbox:changed", { inbox: availability });
    }
  };

  const lookNow = async (tenantId: string, tenant: Tenant, present: ReadonlyMap<string, Present>): Promise<void> => {
    const { inboxes } = tenant;
    for (const id of inboxes.keys()) if (!hasMembers(inboxRoom(tenantId, id))) inboxes.delete(id);
    if (inboxes.size === 0) return void tenants.delete(tenantId);
    if (performance.now() - tenant.listedAt > keepMs) {
      tenant.listedAt = performance.now();
      for (const facts of await listFacts(tenantId, [...inboxes.keys()])) {
        const inbox = inboxes.get(facts.id);
        if (inbox) inbox.facts = facts;
      }
    }
    tell(tenantId, tenant, present);
  };

  const fetch = async (tenantId: string, inboxId: string): Promise<InboxAvailability | undefined> => {
    const [facts] = await listFacts(tenantId, [inboxId]);
    if (!facts) return undefined;
    const told = availabilityAt(facts, await snapshot(tenantId), new Date());
    const tenant = tenants.get(tenantId) ?? { inboxes: new Map(), listedAt: performance.now() };
    tenants.set(tenantId, tenant);
    tenant.inboxes.set(inboxId, { facts, told });
    return told;
  };

  return {
    availability: async (tenantId, inboxId) => {
      const known = tenants.get(tenantId)?.inboxes.get(inboxId);
      if (known) return known.told;
      // Thousands of widgets come back at once after an outage; one of them asks.
      let fetched = asked.get(inboxId);
      if (!fetched) {
        fetched = fetch(tenantId, inboxId).finally(() => asked.delete(inboxId));
        asked.set(inboxId, fetched);
      }
      return fetched;
    },
    look: (tenantId, present) => {
      const tenant = tenants.get(tenantId);
      if (!tenant) return;
      lookNow(tenantId, tenant, present).catch((error: unknown) => {
        tenant.listedAt = -Infinity;
        log.debug({ err: error }, "an inbox' availability has to wait");
      });
    },
    outdate: (tenantId) => {
      const tenant = tenants.get(tenantId);
      if (tenant) tenant.listedAt = -Infinity;
    },
  };
};
