import { and, eq } from "drizzle-orm";
import { departmentMembers, memberships } from "../../../db/schema/index.ts";
import { type AgentCtx, presentActor, transaction } from "../../context.ts";
import type { Availability, Presence } from "../../contract/entities.ts";
import { tenantRoom } from "../../realtime/rooms.ts";
import { drainQueue } from "../routing/dispatch.ts";

/** Whether the agent wants new conversations. Becoming available serves the queue of their departments. */
export const setAvailability = async (
  ctx: AgentCtx,
  { availability }: { availability: Availability },
): Promise<{ availability: Availability; presence: Presence }> => {
  const own = and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, ctx.actor.id));
  const mine = await transaction(ctx, async (tx) => {
    const [before] = await tx.db.select({ availability: memberships.availability }).from(memberships).where(own);
    await tx.db.update(memberships).set({ availability }).where(own);
    await tx.audit("availability.set", ctx.actor.id, { before, after: { availability } });
    return tx.db
      .select({ id: departmentMembers.departmentId })
      .from(departmentMembers)
      .where(and(eq(departmentMembers.tenantId, ctx.tenant.id), eq(departmentMembers.userId, ctx.actor.id)));
  });
  ctx.node.publish.emit([tenantRoom(ctx.tenant.id)], "presence:changed", {
    actor: presentActor(ctx.actor),
    presence: "online",
    availability,
  });
  if (availability === "available" && mine.length > 0)
    void drainQueue(
      ctx.node,
      ctx.tenant,
      mine.map(({ id }) => id),
      "agent_online",
    );
  return { availability, presence: "online" };
};
