import { roles } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { MemberRole } from "../../contract/people-routes.ts";
import type { Permission } from "../../contract/permissions.ts";
import { ensureNameFree, freeKey } from "./name.ts";
import { presentRoleOf } from "./present.ts";
import { ensureHeld, lockRights } from "./rights.ts";

type Body = { name: string; description?: string | null | undefined; permissions: Permission[] };

/** Makes a role of the tenant's own, out of what its maker holds. Throws Refusal `permission_denied` or `conflict`. */
export const createRole = (
  ctx: AgentCtx,
  { name, description = null, permissions }: Body,
): Promise<{ role: MemberRole }> =>
  transaction(ctx, async (tx) => {
    ensureHeld(await lockRights(ctx, tx, "role.manage"), permissions, "This role");
    await ensureNameFree(ctx, tx, name);
    const key = await freeKey(ctx, tx, name);
    await tx.db.insert(roles).values({ tenantId: ctx.tenant.id, key, name, description, permissions });
    await tx.audit("role.create", undefined, { after: { key, name, description, permissions } });
    return { role: await presentRoleOf(tx, ctx.tenant.id, key) };
  });
