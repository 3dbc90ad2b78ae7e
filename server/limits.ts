import type { LimitClass } from "./contract/define.ts";

/** Tokens a second and the most that gather, for one person on one node. */
const sizes: Record<LimitClass | "handshake", { perSecond: number; burst: number }> = {
  message: { perSecond: 15, burst: 60 },
  write: { perSecond: 10, burst: 60 },
  read: { perSecond: 30, burst: 200 },
  signal: { perSecond: 40, burst: 200 },
  // Per address: an office behind one address comes back all at once after an outage.
  handshake: { perSecond: 50, burst: 500 },
};

type Bucket = { tokens: number; at: number };
export type Buckets = Map<string, Bucket>;

/**
 * Token buckets in the node's memory. A Redis round trip per message would cost more than storing it does; what a person
 * may do at most is this times the number of nodes they reach.
 */
export type Limiter = {
  /** The buckets of one person: kept for as long as they have a socket here, and a minute longer. */
  bucketsOf: (key: string) => Buckets;
  /** Takes one token: 0, or how many milliseconds until there is one. */
  take: (limitClass: LimitClass | "handshake", buckets: Buckets) => number;
  /** How much a full bucket holds, and how long an empty one takes to fill. */
  policyOf: (limitClass: LimitClass | "handshake") => { quota: number; seconds: number };
};

const keepMs = 60_000;

export const createLimiter = (factor: number, now: () => number = () => performance.now()): Limiter => {
  let young = new Map<string, Buckets>();
  let old = new Map<string, Buckets>();
  let born = now();
  return {
    bucketsOf: (key) => {
      if (now() - born > keepMs) {
        old = young;
        young = new Map();
        born = now();
      }
      const buckets = young.get(key) ?? old.get(key) ?? new Map<string, Bucket>();
      young.set(key, buckets);
      return buckets;
    },
    take: (limitClass, buckets) => {
      const { perSecond, burst } = sizes[limitClass];
      const most = burst * factor;
      const rate = (perSecond * factor) / 1_000;
      const moment = now();
      let bucket = buckets.get(limitClass);
      if (!bucket) {
        bucket = { tokens: most, at: moment };
        buckets.set(limitClass, bucket);
      }
      bucket.tokens = Math.min(most, bucket.tokens + (moment - bucket.at) * rate);
      bucket.at = moment;
      if (bucket.tokens < 1) return rate > 0 ? Math.ceil((1 - bucket.tokens) / rate) : 60_000;
      bucket.tokens -= 1;
      return 0;
    },
    policyOf: (limitClass) => {
      const { perSecond, burst } = sizes[limitClass];
      return { quota: Math.floor(burst * factor), seconds: Math.ceil(burst / perSecond) };
    },
  };
};
