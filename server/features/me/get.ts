import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Me } from "../../contract/auth-routes.ts";
import type { AgentSession } from "../session/access.ts";

/** Somebody in a workspace that is known with its slug and plan, as every request with a token knows it. */
export type MeCtx = AgentCtx & { tenant: AgentSession["tenant"] };

type Place = { kind: "customer" | "platform"; roleName: string; departments: { id: string; name: string }[] };

/** Who the caller is, in which workspace, and what they may do there. */
export const getMe = async ({ tenant, actor, node }: MeCtx): Promise<Me> => {
  const [login, place] = await Promise.all([
    node.directory.findLoginById(actor.id),
    node.tenancy.withTenant(tenant.id, async (db) => {
      const { rows } = await db.execute<Place>(sql`
        SELECT t.kind, r.name AS "roleName", coalesce((
          SELECT json_agg(json_build_object('id', d.id, 'name', d.name) ORDER BY d.position, d.name, d.id)
          FROM department_members dm JOIN departments d ON d.tenant_id = dm.tenant_id AND d.id = dm.department_id
          WHERE dm.tenant_id = t.id AND dm.user_id = ${actor.id} AND d.archived_at IS NULL
        ), '[]') AS departments
        FROM tenants t JOIN roles r ON r.tenant_id = t.id AND r.key = ${actor.role}
        WHERE t.id = ${tenant.id}`);
      return rows[0]!;
    }),
  ]);
  const { id, name, slug, plan } = tenant;
  return {
    user: {
      id: actor.id,
      name: login!.name,
      email: login!.email,
      emailConfirmed: login!.emailConfirmedAt !== null,
      secondFactor: login!.totpConfirmedAt !== null,
      recoveryCodesLeft: login!.recoveryHashes.length,
    },
    tenant: { id, name, slug, kind: place.kind, plan },
    // Where else the person belongs is theirs to know, and not of whoever acts for them.
    tenants: actor.via ? [{ id, name, slug }] : login!.tenants,
    role: actor.role,
    roleName: place.roleName,
    permissions: [...actor.permissions],
    departments: place.departments,
    ...(actor.via && { via: actor.via, readOnly: actor.readOnly ?? false }),
  };
};
