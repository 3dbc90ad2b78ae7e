import type { LimitClass } from "./contract/define.ts";

/** Every figure that limits what somebody may do at once stands in this file. RATE_LIMIT_FACTOR multiplies them all. */
type Size = { perSecond: number; burst: number };
type Class = LimitClass | "handshake" | "visitor";
/** Whose allowance it is: one person's, or one that all visitors of an address, an inbox or a workspace share. */
type Scope = "person" | "address" | "inbox" | "tenant";

/**
 * Tokens a second and the most that gather, on one node. An agent counts alone: logins are dear. Visitors cost nothing to
 * make, so each counts for their address, inbox and workspace too. An address may be an office: hundreds of people who come
 * back all at once after an outage, with a few reads each. An inbox's and a workspace's are there for the neighbours.
 */
const sizes: Record<Scope, Partial<Record<Class, Size>>> = {
  person: {
    message: { perSecond: 15, burst: 60 },
    write: { perSecond: 10, burst: 60 },
    read: { perSecond: 30, burst: 200 },
    signal: { perSecond: 40, burst: 200 },
    start: { perSecond: 0.2, burst: 10 },
  },
  address: {
    message: { perSecond: 150, burst: 1_000 },
    write: { perSecond: 50, burst: 500 },
    read: { perSecond: 300, burst: 3_000 },
    signal: { perSecond: 400, burst: 4_000 },
    start: { perSecond: 2, burst: 200 },
    handshake: { perSecond: 50, burst: 500 },
    visitor: { perSecond: 5, burst: 300 },
  },
  inbox: {
    message: { perSecond: 500, burst: 5_000 },
    write: { perSecond: 250, burst: 2_500 },
    read: { perSecond: 2_000, burst: 20_000 },
    signal: { perSecond: 2_000, burst: 20_000 },
    start: { perSecond: 20, burst: 300 },
    handshake: { perSecond: 500, burst: 5_000 },
    visitor: { perSecond: 200, burst: 3_000 },
  },
  tenant: {
    message: { perSecond: 1_000, burst: 10_000 },
    write: { perSecond: 500, burst: 5_000 },
    read: { perSecond: 4_000, burst: 40_000 },
    signal: { perSecond: 4_000, burst: 40_000 },
    start: { perSecond: 40, burst: 600 },
    handshake: { perSecond: 1_000, burst: 10_000 },
    visitor: { perSecond: 400, burst: 6_000 },
  },
};

/**
 * The most that may be open at once on one node. A person: the tabs of several browsers. An address: an office of five
 * hundred with two tabs each.
 */
export const mostSockets = { person: 50, address: 1_000 };

/** Points within a time: `most` for the whole cluster, `alone` on each node while Redis is away. */
type Shared = { most: number; alone: number; seconds: number };
const hour = 60 * 60;
const day = 24 * hour;

export const sharedSizes = {
  /** A workspace's conversations that one address starts, five points each; one whom the customer's site vouches for costs one. */
  startsOfAddress: { most: 1_000, alone: 250, seconds: day },
  /** The same for whoever has many networks: a customer's networks of IPv6 may start what two addresses may. */
  startsOfSite: { most: 2_000, alone: 500, seconds: day },
  startsOfContact: { most: 30, alone: 15, seconds: day },
  /**
   * Invitations that are mailed, five points each, or one on a plan without a limit of members: sixty a day for a workspace,
   * three hundred for a large one. Sign-ups are free, so the inviter's address counts too, and whom all of them write to.
   */
  invitationsOfTenant: { most: 300, alone: 100, seconds: day },
  invitationsOfInviter: { most: 250, alone: 100, seconds: day },
  invitationsOfAddress: { most: 500, alone: 150, seconds: day },
  invitationsOfRecipient: { most: 10, alone: 5, seconds: day },
  /** Mails of one kind to one person that somebody who may be anybody asks for. */
  mailsToPerson: { most: 15, alone: 8, seconds: day },
  /** Idempotency-Keys of one address that come without a token: each leaves a row for a while. */
  keysOfAddress: { most: 100, alone: 30, seconds: hour },
} satisfies Record<string, Shared>;

type Bucket = { tokens: number; at: number };
/** What is left to somebody of each kind. */
export type Buckets = { scope: Scope; left: Map<Class, Bucket> };

/**
 * Token buckets in the node's memory. A Redis round trip per message would cost more than storing it does; what a person
 * may do at most is this times the number of nodes they reach.
 */
export type Limiter = {
  /** The buckets under a key: the same for as long as anybody holds them, and a minute longer. */
  bucketsOf: (key: string, scope?: Scope) => Buckets;
  /**
   * Takes one token from each, or none where one of them is empty: 0, or how many milliseconds until there is one. Whoever
   * is over their own takes nothing from the others.
   */
  take: (limitClass: Class, ...all: Buckets[]) => number;
  giveBack: (limitClass: Class, ...all: Buckets[]) => void;
  /** How many whole tokens are there. */
  leftOf: (limitClass: Class, buckets: Buckets) => number;
  /** How much a full bucket holds, and how long an empty one takes to fill. */
  policyOf: (limitClass: Class, scope: Scope) => { quota: number; seconds: number };
};

/** What visitors share: their address, their inbox and its workspace. */
export const visitorBuckets = (
  { bucketsOf }: Limiter,
  network: string,
  tenantId: string,
  inboxId: string,
): Buckets[] => [
  bucketsOf(`address:${network}`, "address"),
  bucketsOf(`inbox:${inboxId}`, "inbox"),
  bucketsOf(`tenant:${tenantId}`, "tenant"),
];

const keepMs = 60_000;
const unlimited: Size = { perSecond: 1e9, burst: 1e9 };
const sizeOf = (scope: Scope, limitClass: Class): Size => sizes[scope][limitClass] ?? unlimited;

export const createLimiter = (factor: number, now: () => number = () => performance.now()): Limiter => {
  // Whoever holds buckets, such as a socket, must share them with whoever asks later; the two sets keep them for a while.
  const known = new Map<string, WeakRef<Buckets>>();
  const gone = new FinalizationRegistry<string>((key) => {
    if (!known.get(key)?.deref()) known.delete(key);
  });
  let kept = [new Set<Buckets>()];
  let born = now();

  const find = (limitClass: Class, { scope, left }: Buckets): Bucket => {
    const { perSecond, burst } = sizeOf(scope, limitClass);
    const most = burst * factor;
    const moment = now();
    let bucket = left.get(limitClass);
    if (!bucket) {
      bucket = { tokens: most, at: moment };
      left.set(limitClass, bucket);
    }
    bucket.tokens = Math.min(most, bucket.tokens + ((moment - bucket.at) * perSecond * factor) / 1_000);
    bucket.at = moment;
    return bucket;
  };

  return {
    bucketsOf: (key, scope = "person") => {
      if (now() - born > keepMs) {
        kept = [new Set(), kept[0]!];
        born = now();
      }
      let buckets = known.get(key)?.deref();
      if (!buckets) {
        buckets = { scope, left: new Map() };
        known.set(key, new WeakRef(buckets));
        gone.register(buckets, key);
      }
      kept[0]!.add(buckets);
      return buckets;
    },
    take: (limitClass, ...all) => {
      for (const buckets of all) {
        const { tokens } = find(limitClass, buckets);
        if (tokens >= 1) continue;
        const rate = (sizeOf(buckets.scope, limitClass).perSecond * factor) / 1_000;
        return rate > 0 ? Math.ceil((1 - tokens) / rate) : 60_000;
      }
      for (const { left } of all) left.get(limitClass)!.tokens -= 1;
      return 0;
    },
    giveBack: (limitClass, ...all) => {
      for (const buckets of all) find(limitClass, buckets).tokens += 1;
    },
    leftOf: (limitClass, buckets) => Math.floor(find(limitClass, buckets).tokens),
    policyOf: (limitClass, scope) => {
      const { perSecond, burst } = sizeOf(scope, limitClass);
      return { quota: Math.floor(burst * factor), seconds: Math.ceil(burst / perSecond) };
    },
  };
};
