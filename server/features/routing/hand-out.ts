import { sql } from "drizzle-orm";
import { databaseErrorCode, type Db } from "../../../db/client.ts";
import { type AnyCtx, type Ctx, type Node, systemCtx, transaction, type Tx } from "../../context.ts";
import type { Candidate, Trigger } from "../../contract/routing.ts";
import { announceConversations } from "../conversation/present.ts";
import { type Arm, makeOffers } from "../offer/make.ts";
import { decide, type Decided } from "./decide.ts";
import { type Department, readDepartment } from "./department.ts";
import { readFacts } from "./facts.ts";
import { type Gift, giveConversations } from "./give.ts";
import { freeSlots } from "./pick.ts";
import { anyWaiting, lockQueue, type Place, restMs, takersOf } from "./queue.ts";
import { lockMembers } from "./slots.ts";
import { tellAssigned } from "./tell-assigned.ts";

type Tenant = Ctx["tenant"];

/** One department's queue, and from where on it is still to be looked at. */
export type Errand = { departmentId: string; trigger: Trigger; after?: Place | undefined };

export type HandedOut = {
  /** How many were given or offered to somebody. */
  count: number;
  /** From where the next batch goes on; undefined: the end of the queue is reached, or nobody could take any more. */
  after?: Place | undefined;
  /** Look again after so many milliseconds: somebody else held a lock, or an agent is left in peace for a moment. */
  againMs?: number;
};

export type Occasion = {
  /** Who was there when the batch began. */
  present: ReadonlySet<string>;
  /** Which triggers brought single conversations into the queue; the others bear the errand's. */
  triggers: ReadonlyMap<string, Trigger>;
  /** Sets the alarms of offers; without it, in a process that can't tell agents of them, none are made. */
  arm: Arm | undefined;
};

/** So many are handed out in one transaction: enough to make thousands cheap, few enough to hold nobody up. */
export const batchSize = 20;
const lockedAgainMs = 30;
/** Who holds an agent's membership for longer is no claim of ours at work: other tenants' turns must not wait for it. */
const membersWaitMs = 500;
const lockNotAvailable = "55P03";

/** Writes down the turns of a batch; the department's row is locked. */
const recordTurns = async (db: Db, tenantId: string, departmentId: string, { turn, turns }: Decided) => {
  const taken = JSON.stringify([...turns].map(([a, t]) => ({ a, t })));
  await db.execute(sql`
    WITH counted AS (UPDATE departments SET turn = ${turn} WHERE tenant_id = ${tenantId} AND id = ${departmentId})
    UPDATE department_members m SET last_turn = taken.t FROM json_to_recordset(${taken}::json) AS taken(a uuid, t integer)
    WHERE m.tenant_id = ${tenantId} AND m.department_id = ${departmentId} AND m.user_id = taken.a`);
};

/**
 * Tells a given batch in a transaction of its own, so that nobody's lock is held for it. A telling that fails is healed from
 * the log.
 */
const tellLater = (ctx: AnyCtx, gifts: readonly Gift[]): void => {
  const given = gifts.map(({ conversation, agent }) => ({ conversationId: conversation.id, agentId: agent.id }));
  const ids = given.map(({ conversationId }) => conversationId);
  transaction(ctx, async (tx) => {
    await announceConversations(ctx, tx, ids);
    await tellAssigned(ctx, tx, given);
  }).catch((error: unknown) => ctx.log.warn({ err: error }, "what was assigned is left to healing"));
};

/** Who took part in a decision, with what they hold while nobody else can change it. */
type Seen = { department: Department; candidates: Candidate[] };

/**
 * Locks those who could take something, and reads them again. The others stay as they were seen: what is not locked may not
 * be counted on, and they were out of the question.
 */
const lockTakers = async (db: Db, tenantId: string, seen: Seen, takers: Candidate[], present: ReadonlySet<string>) => {
  const locked = new Set(takers.map(({ agentId }) => agentId));
  await db.execute(sql`SET LOCAL lock_timeout = ${sql.raw(`${membersWaitMs}`)}`);
  await lockMembers(db, tenantId, [...locked]);
  const { id, strategy } = seen.department;
  if (strategy === "round_robin")
    await db.execute(sql`SELECT FROM departments WHERE tenant_id = ${tenantId} AND id = ${id} FOR NO KEY UPDATE`);
  const now = (await readDepartment(db, tenantId, id, present))!;
  const fresh = new Map(now.candidates.map((candidate) => [candidate.agentId, candidate]));
  return {
    department: { ...seen.department, turn: now.department.turn },
    candidates: seen.candidates.flatMap((one) => (locked.has(one.agentId) ? (fresh.get(one.agentId) ?? []) : one)),
  };
};

/** Writes a decided batch down; who is to be told of what was given is told after the commit. */
const carryOut = async (
  ctx: AnyCtx,
  tx: Tx,
  { department, decided, arm }: { department: Department; decided: Decided; arm: Arm | undefined },
): Promise<void> => {
  const { gifts, turns } = decided;
  if (gifts.length === 0) return;
  if (turns.size > 0) await recordTurns(tx.db, ctx.tenant.id, department.id, decided);
  if (department.offerSeconds === null) {
    await giveConversations(ctx, tx, gifts);
    tx.afterCommit(() => tellLater(ctx, gifts));
  } else if (arm) {
    const holdings = gifts.map(({ conversation, agent, decision }) => ({ conversation, agentId: agent.id, decision }));
    await makeOffers(ctx, tx, holdings, { seconds: department.offerSeconds, arm });
  }
};

/**
 * Hands out one batch of a department's queue, the longest waiting of the highest priority first: to the agents at once, or
 * as offers. One commit takes conversations and slots; two that run at the same time, on whatever nodes, see each other's.
 * Memberships are locked first, although everybody else locks them behind conversations: they may have to be waited for, and
 * nobody's conversation is held meanwhile. That makes no circle, since the conversations are never waited for.
 */
const handOutNow = (
  node: Node,
  tenant: Tenant,
  { departmentId, trigger, after }: Errand,
  { present, triggers, arm }: Occasion,
): Promise<HandedOut> => {
  const ctx = systemCtx(node, tenant);
  return transaction(ctx, async (tx) => {
    const nothing = { count: 0 };
    const seen = await readDepartment(tx.db, tenant.id, departmentId, present);
    if (!seen || seen.department.archived || seen.department.strategy === "manual") return nothing;
    const { offerSeconds } = seen.department;
    if (offerSeconds !== null && !arm) return nothing;
    const free = takersOf(seen.department, seen.candidates);
    if (free.length === 0) return nothing;
    // Most occasions are slots that nobody waits for, and no reason to lock anything.
    if (!after && !(await anyWaiting(tx.db, tenant.id, seen.department, free))) return nothing;
    const { department, candidates } = await lockTakers(tx.db, tenant.id, seen, free, present);
    const locked = new Set(free.map(({ agentId }) => agentId));
    const takers = takersOf(department, candidates).filter(({ agentId }) => locked.has(agentId));
    const slots = takers.reduce((sum, taker) => sum + freeSlots(department, taker), 0);
    if (slots === 0) return nothing;
    // Where some may be out of the question for those who are free, it is worth looking further than there are slots.
    const most = offerSeconds === null ? Math.min(batchSize, slots) : batchSize;
    const { rows, passedOver } = await lockQueue(tx.db, tenant.id, department, { takers, most, after });
    if (rows.length === 0) return { count: 0, ...(passedOver && { againMs: lockedAgainMs }) };
    const facts = await readFacts(tx.db, tenant.id, rows, department.sticky);
    const decided = decide(department, candidates, rows, {
      facts,
      triggerOf: (conversationId) => triggers.get(conversationId) ?? trigger,
    });
    await carryOut(ctx, tx, { department, decided, arm });
    return {
      count: decided.gifts.length,
      ...(rows.length === most && { after: rows.at(-1) }),
      ...((passedOver || decided.resting) && { againMs: passedOver ? lockedAgainMs : restMs + lockedAgainMs }),
    };
  });
};

/** The same, and later where somebody holds an agent's membership for long. */
export const handOut: typeof handOutNow = async (...call) => {
  try {
    return await handOutNow(...call);
  } catch (error) {
    if (databaseErrorCode(error) !== lockNotAvailable) throw error;
    return { count: 0, againMs: membersWaitMs };
  }
};
