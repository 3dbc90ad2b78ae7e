import { and, eq, sql } from "drizzle-orm";
import { assignments } from "../../../db/schema/index.ts";
import { type AnyCtx, seesAgent, type Tx } from "../../context.ts";
import type { Activity } from "../../contract/entities.ts";
import type { Refusal } from "../../contract/errors.ts";
import type { Decision, EndReason, Exclusion } from "../../contract/routing.ts";
import type { ConversationRow } from "../conversation/access.ts";
import { endOffer, findOffer } from "../offer/pending.ts";
import { freeSlot } from "./free-slot.ts";
import { giveConversations } from "./give.ts";
import { lockMembers, readHolder, refusalFor } from "./slots.ts";

/**
 * Ends the running assignment of a locked conversation, or takes back its offer, and frees the slot; after the commit the
 * queues of the agent's departments are served. The conversation's row is the caller's to change.
 */
export const release = async (ctx: AnyCtx, tx: Tx, conversation: ConversationRow, reason: EndReason): Promise<void> => {
  const [ended] = await tx.db
    .update(assignments)
    // Before the slot is given up, so that the history never shows an agent with more than they had.
    .set({ endedAt: sql`clock_timestamp()`, endReason: reason })
    .where(
      and(
        eq(assignments.tenantId, ctx.tenant.id),
        eq(assignments.conversationId, conversation.id),
        sql`ended_at IS NULL`,
      ),
    )
    .returning({ agentId: assignments.agentId });
  if (ended) {
    await freeSlot(ctx, tx, ended.agentId);
    return;
  }
  const offer = await findOffer(tx.db, ctx.tenant.id, conversation.id);
  if (offer) await endOffer(ctx, tx, offer, "withdrawn");
};

/**
 * Who is to hold a conversation, and why; `candidates` of a person's decision: whom they chose, and with `despite` what would
 * have kept routing from it.
 */
export type Claim = Omit<Decision, "candidates"> & {
  conversation: ConversationRow;
  agentId: string;
  candidates?: Decision["candidates"];
  despite?: Exclusion | undefined;
  /** What the public timeline says of it, where it is more than that it is assigned. */
  activity?: Activity | undefined;
};

/** As `claim`, but answers the refusal instead of throwing it; then nothing has changed. */
const claimUnless = async (ctx: AnyCtx, tx: Tx, claimed: Claim): Promise<Refusal | undefined> => {
  const { conversation, agentId, activity, despite, ...why } = claimed;
  const { id: tenantId } = ctx.tenant;
  const offer = await findOffer(tx.db, tenantId, conversation.id);
  const involved = [agentId, conversation.assigneeId, offer?.agentId].filter((id) => id !== undefined && id !== null);
  await lockMembers(tx.db, tenantId, [...new Set(involved)]);
  const holder = await readHolder(tx.db, tenantId, agentId, conversation.departmentId);
  // Who is offered a conversation has the slot for it already: taking it another way accepts the offer.
  const reserved = offer?.agentId === agentId;
  const refusal = refusalFor(holder, { reserved, seen: seesAgent(ctx.actor, agentId) });
  if (refusal) return refusal;
  if (reserved) await endOffer(ctx, tx, offer, "accepted");
  else await release(ctx, tx, conversation, "reassigned");
  const { name, activeCount, capacity, departmentCount } = holder!;
  const chosen = { agentId, name, activeCount, capacity, departmentCount, ...(despite && { excluded: despite }) };
  const candidates = why.candidates ?? [chosen];
  await giveConversations(ctx, tx, [
    {
      conversation,
      agent: { id: agentId, name },
      decision: { ...why, candidates },
      activity,
      assignedById: why.strategy === "manual" ? (ctx.actor.id ?? null) : null,
    },
  ]);
  return undefined;
};

/**
 * Gives a locked conversation to an agent: assignment, slot, status and the entry that says so are one commit, whoever
 * decides. Throws `conflict` for an agent who is full or can't answer, `not_found` for none of ours.
 */
export const claim = async (ctx: AnyCtx, tx: Tx, claimed: Claim): Promise<void> => {
  const refusal = await claimUnless(ctx, tx, claimed);
  if (refusal) throw refusal;
};

/** A claim that lets the conversation be where the agent can't hold it; says whether it did. */
export const tryClaim = async (ctx: AnyCtx, tx: Tx, claimed: Claim): Promise<boolean> =>
  (await claimUnless(ctx, tx, claimed)) === undefined;
