import { and, eq, sql } from "drizzle-orm";
import { invitations, roles } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import { accessRole, ensureHeld, lockRights } from "./rights.ts";
import { ensureCustom } from "./update.ts";

type Use = { members: number; invitations: number };

/** Removes a role nobody holds. Throws Refusal `not_found`, `permission_denied`, or `conflict` while it is in use, with `details` saying by how many. */
export const deleteRole = (ctx: AgentCtx, { roleKey }: { roleKey: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "role.manage");
    const role = await accessRole(ctx, tx, roleKey);
    ensureCustom(role);
    ensureHeld(rights, permissionsOf(role), "This role");
    const { rows } = await tx.db.execute<Use>(sql`
      SELECT
        (SELECT count(*) FROM memberships WHERE tenant_id = ${ctx.tenant.id} AND role = ${roleKey})::float8 AS members,
        (SELECT count(*) FROM invitations WHERE tenant_id = ${ctx.tenant.id} AND role = ${roleKey}
          AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now())::float8 AS invitations`);
    const use = rows[0]!;
    if (use.members + use.invitations > 0)
      throw new Refusal(
        "conflict",
        "The role is in use. First give its members, deactivated ones too, another role, and revoke the invitations to it.",
        use,
      );
    // What is left are invitations that are over: the audit log knows of them.
    await tx.db.delete(invitations).where(and(eq(invitations.tenantId, ctx.tenant.id), eq(invitations.role, roleKey)));
    await tx.db.delete(roles).where(and(eq(roles.tenantId, ctx.tenant.id), eq(roles.key, roleKey)));
    await tx.audit("role.delete", undefined, {
      before: { key: roleKey, name: role.name, permissions: role.permissions },
    });
  });
