/** Milliseconds to wait before try number `attempt` (from 0): full jitter below a bound that doubles up to `most`. */
export const backoffMs = (attempt: number, random: () => number, least = 500, most = 30_000): number =>
  Math.round(least / 2 + random() * Math.min(most, least * 2 ** Math.min(attempt, 16)));

/** How long a refusal asks to wait, in milliseconds; 0 when it does not say. */
export const askedWaitMs = (details: Record<string, unknown> | undefined): number => {
  const wait = details?.["retryAfterMs"] ?? Number(details?.["retryAfterSeconds"]) * 1000;
  return typeof wait === "number" && wait > 0 && Number.isFinite(wait) ? Math.min(wait, 60_000) : 0;
};
