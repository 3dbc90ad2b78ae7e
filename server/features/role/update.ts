import { and, eq } from "drizzle-orm";
import { roles } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { MemberRole } from "../../contract/people-routes.ts";
import { canAnswer, type Permission, permissionsOf } from "../../contract/permissions.ts";
import { handOver } from "../agent/hand-over.ts";
import { haveHoldersFeel } from "./feel.ts";
import { ensureNameFree } from "./name.ts";
import { presentRoleOf } from "./present.ts";
import { accessRole, ensureHeld, lockRights } from "./rights.ts";

type Body = {
  name?: string | undefined;
  description?: string | null | undefined;
  permissions?: Permission[] | undefined;
};

export const ensureCustom = ({ builtIn }: { builtIn: boolean }): void => {
  if (builtIn) throw new Refusal("conflict", "The built-in roles stay as they are. Create a role of your own instead.");
};

/**
 * Changes a role of the tenant's own. Who holds it feels it at once; who may no longer answer hands back what they hold.
 * Throws Refusal `not_found`, `permission_denied` (it holds, or would hold, more than the actor) or `conflict`.
 */
export const updateRole = async (
  ctx: AgentCtx,
  { roleKey }: { roleKey: string },
  { name, description, permissions }: Body,
): Promise<{ role: MemberRole }> => {
  let silenced: string[] = [];
  const role = await transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "role.manage");
    const found = await accessRole(ctx, tx, roleKey);
    ensureCustom(found);
    const before = await presentRoleOf(tx, ctx.tenant.id, roleKey);
    const held = permissionsOf(found);
    // A name gives and takes nothing.
    if (permissions) ensureHeld(rights, [...new Set([...held, ...permissions])], "This role");
    if (name !== undefined) await ensureNameFree(ctx, tx, name, roleKey);
    const changed = permissions !== undefined && permissions.join() !== held.join();
    const changes = {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(permissions !== undefined && { permissions }),
    };
    if (Object.keys(changes).length > 0)
      await tx.db
        .update(roles)
        .set(changes)
        .where(and(eq(roles.tenantId, ctx.tenant.id), eq(roles.key, roleKey)));
    const holders = changed ? await haveHoldersFeel(ctx, tx, roleKey) : [];
    if (changed && !canAnswer(permissions)) silenced = holders;
    const was = { key: roleKey, name: before.name, description: before.description, permissions: before.permissions };
    await tx.audit("role.update", undefined, { before: was, after: { ...was, ...changes } });
    return presentRoleOf(tx, ctx.tenant.id, roleKey);
  });
  await handOver(ctx, silenced);
  return { role };
};
