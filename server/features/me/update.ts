import { sql } from "drizzle-orm";
import { transaction } from "../../context.ts";
import type { Me } from "../../contract/auth-routes.ts";
import { getMe, type MeCtx } from "./get.ts";

/**
 * Changes the caller's name, by which all their workspaces call them. Their sockets in this one come back under the new
 * name; others learn of it as they reconnect.
 */
export const updateMe = async (ctx: MeCtx, { name }: { name: string }): Promise<Me> => {
  const { tenant, actor } = ctx;
  if (name !== actor.name)
    await transaction(ctx, async (tx) => {
      await tx.db.execute(sql`
        UPDATE memberships SET access_version = access_version + 1
        WHERE tenant_id = ${tenant.id} AND user_id = ${actor.id}`);
      await tx.db.execute(sql`UPDATE users SET name = ${name} WHERE id = ${actor.id}`);
      await tx.audit("me.update", actor.id, { before: { name: actor.name }, after: { name } });
      tx.afterCommit(() => ctx.node.publish.changeAccess(tenant.id, actor.id));
    });
  return getMe(ctx);
};
