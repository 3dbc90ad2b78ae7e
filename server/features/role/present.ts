import { sql } from "drizzle-orm";
import type { Tx } from "../../context.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import type { MemberRole } from "../../contract/people-routes.ts";

/** SQL over a role `r`. */
export const presentedRole = sql`
  SELECT r.key, r.name, r.description, r.built_in AS "builtIn", r.permissions, wire_time(r.created_at) AS "createdAt",
    (SELECT count(*) FROM memberships m WHERE m.tenant_id = r.tenant_id AND m.role = r.key AND m.status = 'active')::float8
      AS members
  FROM roles r`;

export const presentRole = (row: MemberRole): MemberRole => ({ ...row, permissions: permissionsOf(row) });

/** A role that is known to be there, as the wire shows it. */
export const presentRoleOf = async (tx: Pick<Tx, "db">, tenantId: string, key: string): Promise<MemberRole> => {
  const { rows } = await tx.db.execute<MemberRole>(sql`
    ${presentedRole} WHERE r.tenant_id = ${tenantId} AND r.key = ${key}`);
  return presentRole(rows[0]!);
};
