import { createHmac, hkdfSync } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Node } from "../../context.ts";
import { ErrorBody, Refusal } from "../../contract/errors.ts";
import { seal, unseal } from "../auth/seal.ts";
import { type Once, taken } from "./mark.ts";

/** What a request was answered, as it is kept: credentials in it are sealed. */
export type KeptAnswer = { status: number; body: unknown; cookies: string[] } | { refusal: ErrorBody };

/** A request with an Idempotency-Key. `content` is all that makes it this request and no other. */
export type OnceRequest = Pick<Once, "tenantId" | "scope" | "key"> & { content: string };

/** Whose requests come before a tenant is known. */
export const noTenant = "00000000-0000-0000-0000-000000000000";

const lockSeconds = 60;
/** How long an answer is kept: what anybody may ask is repeated soon or not at all, and must not pile up. */
const [life, strangersLife] = [sql`interval '1 day'`, sql`interval '15 minutes'`];
/** Keys that are good for nothing any more. */
export const isOldKey = sql`created_at < now() - CASE WHEN tenant_id = ${noTenant} THEN ${strangersLife} ELSE ${life} END`;
const patienceMs = 15_000;
const pauseMs = 50;

type Settings = Pick<Node["config"], "AUTH_SECRETS">;
/** What stands under a key that is not ours. `lapsed`: whoever was at it has had their time. */
type Found = { hash: string; answer: string | null; lapsed: boolean };

// Keyed, because a body may hold a password: a copy of the table must not be something to guess against.
const hashes = ({ AUTH_SECRETS }: Settings, content: string): string[] =>
  AUTH_SECRETS.map((secret) =>
    createHmac("sha256", Buffer.from(hkdfSync("sha256", secret, "parley", "idempotency", 32)))
      .update(content)
      .digest("base64url"),
  );

const purposeOf = ({ tenantId, scope, key }: OnceRequest) => `idempotency:${tenantId}:${scope}:${key}`;
const whereOf = ({ tenantId, scope, key }: OnceRequest) =>
  sql`tenant_id = ${tenantId} AND scope = ${scope} AND key = ${key}`;

/** Makes this request the one that is carried out, or answers what stands there already. */
const claim = async (node: Node, request: OnceRequest) => {
  const { tenantId, scope, key } = request;
  const [hash, ...older] = hashes(node.config, request.content);
  return node.tenancy.withTenant(tenantId, async (db) => {
    // A first request that left no trace within its time is dead: had it committed anything, it would have said so.
    const { rows: claimed } = await db.execute<{ lock: string }>(sql`
      INSERT INTO idempotency_keys AS k (tenant_id, scope, key, body_hash, locked_until)
      VALUES (${tenantId}, ${scope}, ${key}, ${hash!}, now() + make_interval(secs => ${lockSeconds}))
      ON CONFLICT (tenant_id, scope, key) DO UPDATE
      SET body_hash = excluded.body_hash, locked_until = excluded.locked_until, created_at = now(), answer = NULL
      WHERE k.created_at < now() - ${tenantId === noTenant ? strangersLife : life}
        OR (k.answer IS NULL AND k.locked_until < now() AND k.body_hash = ANY (${sql.param([hash!, ...older])}::text[]))
      RETURNING locked_until::text AS lock`);
    if (claimed[0]) return claimed[0];
    const { rows } = await db.execute<Found>(sql`
      SELECT body_hash AS hash, answer, locked_until < now() AS lapsed FROM idempotency_keys WHERE ${whereOf(request)}`);
    const [row] = rows;
    if (row && ![hash, ...older].includes(row.hash))
      throw new Refusal("conflict", "This Idempotency-Key was used for another request. Use a new one for each.");
    return row;
  });
};

/** What the first request was answered, once it is known. Throws Refusal where nobody will ever know, or not in time. */
const replay = ({ config }: Node, request: OnceRequest, answer: string): KeptAnswer => {
  const kept = answer === taken ? undefined : unseal(config, purposeOf(request), answer);
  if (kept !== undefined) return JSON.parse(kept) as KeptAnswer;
  throw new Refusal(
    "conflict",
    "The first request with this Idempotency-Key took effect, but its response was lost. Please look at the current state.",
  );
};

// `lock` is whose turn it is: one that took too long writes no more over the next one's answer.
const keep = (node: Node, request: OnceRequest, lock: string, answer: KeptAnswer) =>
  node.tenancy.withTenant(request.tenantId, (db) =>
    db.execute(sql`
      UPDATE idempotency_keys SET answer = ${seal(node.config, purposeOf(request), JSON.stringify(answer))}
      WHERE ${whereOf(request)} AND locked_until = ${lock}::timestamptz`),
  );

/** Lets the same request be tried again, unless it has taken effect already. */
const forget = (node: Node, request: OnceRequest, lock: string) =>
  node.tenancy.withTenant(request.tenantId, (db) =>
    db.execute(sql`
      DELETE FROM idempotency_keys
      WHERE ${whereOf(request)} AND locked_until = ${lock}::timestamptz AND answer IS NULL`),
  );

/** Whether the same request would be refused again, so that the refusal may be kept. */
const isDefinite = ({ code }: ErrorBody): boolean =>
  !["unauthenticated", "rate_limited", "unavailable", "internal"].includes(code);

const pause = () =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, pauseMs);
  });

/**
 * Carries `run` out once for a key, and answers every further request with that key and content alike; `replayed` says
 * which it was. Twins that come meanwhile wait for the first. Throws Refusal: `conflict` for other content, `unavailable`
 * where the first takes too long, and whatever `run` refuses with.
 */
export const once = async (
  node: Node,
  request: OnceRequest,
  run: () => Promise<Extract<KeptAnswer, { status: number }>>,
): Promise<{ answer: KeptAnswer; replayed: boolean }> => {
  const end = performance.now() + patienceMs;
  let lock: string | undefined;
  while (lock === undefined) {
    const found = await claim(node, request);
    if (found && "lock" in found) lock = found.lock;
    // "taken" also stands there for the moment between the first one's commit and its answer.
    else if (found?.answer != null && (found.answer !== taken || found.lapsed))
      return { answer: replay(node, request, found.answer), replayed: true };
    else if (performance.now() > end)
      throw new Refusal(
        "unavailable",
        "The first request with this Idempotency-Key is still running. Please try again in a moment.",
      );
    else await pause();
  }
  const turn = lock;
  const give = async (answer: KeptAnswer) => {
    // The effect stands: an answer that could not be kept is still the answer.
    await keep(node, request, turn, answer).catch((error: unknown) =>
      node.log.warn({ err: error }, "an answer is not kept"),
    );
    return { answer, replayed: false };
  };
  try {
    return await give(await run());
  } catch (error) {
    const refusal = error instanceof Refusal ? error.toBody() : undefined;
    if (refusal && isDefinite(refusal)) await give({ refusal });
    else await forget(node, request, turn).catch(() => {});
    throw error;
  }
};
