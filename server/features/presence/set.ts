import type { AgentCtx } from "../../context.ts";
import type { Presence } from "../../contract/entities.ts";
import type { Present } from "../../realtime/presence.ts";

/** What a socket carries of its person's presence; absent where the session answers nobody and so is not present. */
export type PresentSocket = { data: { present?: Present } };

/** Whether an agent is present anywhere, from what every node says; for itself, a node knows without Redis. */
export const presenceOf = async ({ node, tenant }: Pick<AgentCtx, "node" | "tenant">, id: string): Promise<Presence> =>
  (await node.presence.among(tenant.id, "agent", [id]))?.get(id) ?? "offline";

/**
 * The person at this device is at work, or has not touched it for a while. Idle is only who is idle at all of their
 * devices; the answer is what that comes to. A session that may not answer contacts is not present, whatever it says.
 */
export const setPresence = async (
  ctx: AgentCtx,
  { presence }: { presence: Present },
  { data }: PresentSocket,
): Promise<{ presence: Presence }> => {
  if (data.present === undefined) return { presence: await presenceOf(ctx, ctx.actor.id) };
  if (data.present !== presence) {
    data.present = presence;
    await ctx.node.presence.turn(ctx.tenant.id, "agent", ctx.actor.id, presence);
  }
  const known = (await ctx.node.presence.among(ctx.tenant.id, "agent", [ctx.actor.id]))?.get(ctx.actor.id);
  return { presence: known ?? presence };
};
