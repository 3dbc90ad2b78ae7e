import { and, eq } from "drizzle-orm";
import { departmentMembers, memberships } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Availability, Presence } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import { presenceOf } from "../presence/set.ts";
import { drainQueue } from "../routing/dispatch.ts";
import { announceAvailability } from "./announce.ts";

/**
 * Whether the agent wants new conversations. Becoming available serves the queue of their departments and forgets the
 * offers they missed. Throws `permission_denied` for who only acts as the agent.
 */
export const setAvailability = async (
  ctx: AgentCtx,
  { availability }: { availability: Availability },
): Promise<{ availability: Availability; presence: Presence }> => {
  const { actor, node, tenant } = ctx;
  if (actor.via?.kind === "platform")
    throw new Refusal("permission_denied", "Only the member decides whether they are available.");
  const own = and(eq(memberships.tenantId, tenant.id), eq(memberships.userId, actor.id));
  const mine = await transaction(ctx, async (tx) => {
    const [before] = await tx.db.select({ availability: memberships.availability }).from(memberships).where(own);
    const rested = availability === "available" && { missedOffers: 0 };
    await tx.db
      .update(memberships)
      .set({ availability, ...rested })
      .where(own);
    await tx.audit("availability.set", actor.id, { before, after: { availability } });
    tx.afterCommit(() => announceAvailability(node, tenant.id, actor.id, availability, { socketId: ctx.socketId }));
    return tx.db
      .select({ id: departmentMembers.departmentId })
      .from(departmentMembers)
      .where(and(eq(departmentMembers.tenantId, tenant.id), eq(departmentMembers.userId, actor.id)));
  });
  if (availability === "available" && mine.length > 0)
    void drainQueue(
      node,
      tenant,
      mine.map(({ id }) => id),
      "agent_online",
    );
  return { availability, presence: await presenceOf(ctx, actor.id) };
};
