import type { Logger } from "pino";
import type { PresenceChange } from "../contract/shared.ts";
import type { Kind, Present, Seen } from "./presence-store.ts";

export type Presence = Present | "offline";

/** Tells this node's sockets who came, went or turned. */
export type PresenceNews = {
  /** One socket of the tenant more on this node, whatever it may see: from now on the node looks. */
  watch: (tenantId: string) => void;
  unwatch: (tenantId: string) => void;
  /** The agents a socket that has just joined its rooms should take for present: whatever changes later, it is told. */
  snapshot: (tenantId: string) => Promise<ReadonlyMap<string, Present>>;
  /** A contact as this node's agents know it; undefined where nobody has looked yet, and then it is told soon. */
  contact: (tenantId: string, contactId: string) => Presence | undefined;
  /** Looks soon: something may have changed. */
  look: (tenantId: string) => void;
  lookAll: () => void;
  /** Agents on this node began or ceased to follow a conversation. */
  follow: (tenantId: string, conversationId: string) => void;
  unfollow: (tenantId: string, conversationId: string) => void;
  stop: () => void;
};

/** Who may hear of an agent: colleagues' rooms, and those of the agent and of the contacts they serve. */
export type Watchers = { change: PresenceChange; colleagues: string[]; others: string[] };

type Options = {
  log: Logger;
  list: (tenantId: string) => Promise<Seen | undefined>;
  among: (tenantId: string, kind: Kind, ids: string[]) => Promise<Seen | undefined>;
  here: (tenantId: string, kind: Kind) => Iterable<[id: string, state: Present]>;
  /** Agents with a new presence, and who may hear of it. */
  watchersOf: (tenantId: string, changed: ReadonlyMap<string, Presence>) => Promise<Watchers[]>;
  contactsOf: (tenantId: string, conversationIds: string[]) => Promise<Map<string, string>>;
  followersOf: (tenantId: string, conversationId: string) => string;
  hasMembers: (room: string) => boolean;
  emit: (rooms: string[], event: string, data: unknown, except?: { rooms: string[] }) => void;
  /** After each look, with whoever is present. */
  onLook: (tenantId: string, present: ReadonlyMap<string, Present>) => void;
};

type Tenant = {
  sockets: number;
  told: Map<string, Present> | undefined;
  /** Who was shown to somebody before they were told to all. */
  shown: Set<string>;
  first: Promise<void> | undefined;
  /** Conversations followed by agents here, and whose they are as soon as that is known. */
  followed: Map<string, string | undefined>;
  contacts: Map<string, Presence>;
  lookedAt: number;
  timer: NodeJS.Timeout | undefined;
  looking: boolean;
  again: boolean;
};

const windowMs = 1_000;
const leadMs = 50;
const mostOneByOne = 20;

/** Up to 20 changes as an event each; of more, one event that names the first and has the others in `also`. */
export const bundle = (changes: PresenceChange[]): (PresenceChange & { also?: PresenceChange[] })[] => {
  if (changes.length <= mostOneByOne) return changes;
  const [first, ...also] = changes;
  return [{ ...first!, also }];
};

/**
 * A look costs one read of Redis per tenant and at most one query, and there is at most one a second; what it finds changed
 * is told to this node's sockets alone, since every node looks for itself. Somebody who comes and goes within a window is
 * not told at all.
 */
export const createPresenceNews = (options: Options): PresenceNews => {
  const { log, list, among, here, watchersOf, contactsOf, followersOf, hasMembers, emit, onLook } = options;
  const tenants = new Map<string, Tenant>();
  let stopped = false;

  const get = (tenantId: string): Tenant => {
    let tenant = tenants.get(tenantId);
    if (!tenant) {
      tenant = {
        sockets: 0,
        told: undefined,
        shown: new Set(),
        first: undefined,
        followed: new Map(),
        contacts: new Map(),
        lookedAt: -Infinity,
        timer: undefined,
        looking: false,
        again: false,
      };
      tenants.set(tenantId, tenant);
    }
    return tenant;
  };

  /** What Redis says and what this node knows better: its own people, and, as long as it can't be certain, the others too. */
  const merge = (tenantId: string, kind: Kind, seen: Seen | undefined, before: Iterable<[string, Presence]>) => {
    const present = new Map(seen?.present);
    if (!seen?.certain)
      for (const [id, state] of before) if (state !== "offline" && !present.has(id)) present.set(id, state);
    for (const [id, state] of here(tenantId, kind)) if (state === "online" || !present.has(id)) present.set(id, state);
    return present;
  };

  const tell = async (tenantId: string, changed: ReadonlyMap<string, Presence>): Promise<void> => {
    // Colleagues of the same departments hear of many at once; the agent and those they serve of one at a time.
    const groups = new Map<string, Watchers[]>();
    for (const watchers of await watchersOf(tenantId, changed)) {
      const key = watchers.colleagues.join();
      groups.set(key, [...(groups.get(key) ?? []), watchers]);
    }
    for (const group of groups.values()) {
      const { colleagues } = group[0]!;
      if (group.length <= mostOneByOne) {
        for (const { change, others } of group) emit([...colleagues, ...others], "presence:changed", change);
        continue;
      }
      for (const event of bundle(group.map(({ change }) => change))) emit(colleagues, "presence:changed", event);
      for (const { change, others } of group) {
        const rooms = others.filter(hasMembers);
        if (rooms.length > 0) emit(rooms, "presence:changed", change, { rooms: colleagues });
      }
    }
  };

  const tellAgents = async (tenantId: string, tenant: Tenant): Promise<void> => {
    const { told, shown } = tenant;
    const seen = await list(tenantId);
    const present = merge(tenantId, "agent", seen, told ?? []);
    if (told) {
      const changed = new Map<string, Presence>();
      for (const id of new Set([...present.keys(), ...told.keys()]))
        if (told.get(id) !== present.get(id)) changed.set(id, present.get(id) ?? "offline");
      for (const id of shown) changed.set(id, present.get(id) ?? "offline");
      if (changed.size > 0) await tell(tenantId, changed);
      for (const id of changed.keys()) shown.delete(id);
    }
    tenant.told = present;
    onLook(tenantId, present);
  };

  const tellContacts = async (tenantId: string, tenant: Tenant): Promise<void> => {
    const unknown = [...tenant.followed].flatMap(([id, contactId]) => (contactId === undefined ? [id] : []));
    if (unknown.length > 0)
      for (const [conversationId, contactId] of await contactsOf(tenantId, unknown))
        if (tenant.followed.has(conversationId)) tenant.followed.set(conversationId, contactId);
    const rooms = new Map<string, string[]>();
    for (const [conversationId, contactId] of tenant.followed) {
      if (contactId === undefined) continue;
      const of = rooms.get(contactId) ?? [];
      of.push(followersOf(tenantId, conversationId));
      rooms.set(contactId, of);
    }
    for (const id of tenant.contacts.keys()) if (!rooms.has(id)) tenant.contacts.delete(id);
    if (rooms.size === 0) return;
    const seen = await among(tenantId, "contact", [...rooms.keys()]);
    const present = merge(tenantId, "contact", seen, tenant.contacts);
    for (const [id, followers] of rooms) {
      const presence = present.get(id) ?? "offline";
      if (tenant.contacts.get(id) === presence) continue;
      tenant.contacts.set(id, presence);
      emit(followers, "presence:changed", { actor: { kind: "contact", id }, presence });
    }
  };

  const lookNow = async (tenantId: string, tenant: Tenant): Promise<void> => {
    tenant.looking = true;
    tenant.lookedAt = performance.now();
    try {
      await tellAgents(tenantId, tenant);
      if (tenant.followed.size > 0) await tellContacts(tenantId, tenant);
    } catch (error) {
      // What was not told is found to differ by the next look.
      log.debug({ err: error }, "news of presence have to wait");
    } finally {
      tenant.looking = false;
      if (tenant.again) look(tenantId);
    }
  };

  const look: PresenceNews["look"] = (tenantId) => {
    const tenant = tenants.get(tenantId);
    if (!tenant || stopped || tenant.timer) return;
    tenant.again = tenant.looking;
    if (tenant.looking) return;
    const wait = Math.max(leadMs, tenant.lookedAt + windowMs - performance.now());
    tenant.timer = setTimeout(() => {
      tenant.timer = undefined;
      void lookNow(tenantId, tenant);
    }, wait);
    tenant.timer.unref();
  };

  return {
    watch: (tenantId) => {
      get(tenantId).sockets += 1;
    },
    unwatch: (tenantId) => {
      const tenant = tenants.get(tenantId);
      if (!tenant || --tenant.sockets > 0) return;
      clearTimeout(tenant.timer);
      tenants.delete(tenantId);
    },
    snapshot: async (tenantId) => {
      const tenant = get(tenantId);
      if (!tenant.told) await (tenant.first ??= lookNow(tenantId, tenant));
      const present = merge(tenantId, "agent", undefined, tenant.told ?? []);
      for (const id of present.keys()) if (!tenant.told?.has(id)) tenant.shown.add(id);
      return present;
    },
    contact: (tenantId, contactId) => tenants.get(tenantId)?.contacts.get(contactId),
    look,
    lookAll: () => {
      for (const tenantId of tenants.keys()) look(tenantId);
    },
    follow: (tenantId, conversationId) => {
      tenants.get(tenantId)?.followed.set(conversationId, undefined);
      look(tenantId);
    },
    unfollow: (tenantId, conversationId) => void tenants.get(tenantId)?.followed.delete(conversationId),
    stop: () => {
      stopped = true;
      for (const { timer } of tenants.values()) clearTimeout(timer);
    },
  };
};
