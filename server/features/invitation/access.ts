import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { TenantChoice } from "../../contract/rest.ts";
import type * as v from "valibot";
import { Refusal } from "../../contract/errors.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import { mayOpen, type Visit } from "../auth/session.ts";
import { departmentsOf, type RoleRow } from "../role/rights.ts";
import { invitationStatus } from "./present.ts";
import { type InvitationToken, isSecretOf, readToken } from "./token.ts";

export type Invited = {
  id: string;
  tenant: v.InferOutput<typeof TenantChoice>;
  tenantStatus: string;
  email: string;
  status: "pending" | "accepted" | "revoked" | "expired";
  tokenHash: string;
  departmentIds: string[];
  expiresAt: string;
  role: RoleRow;
  inviter: { name: string; status: string; role: RoleRow; departmentIds: string[] };
};

const noLonger = () =>
  new Refusal("not_found", "This invitation is not valid, or no longer. Please ask whoever invited you for a new one.");

/** The parts of a token, which must be of the workspace the request names, if it names one. Throws Refusal `not_found`. */
export const parseToken = (token: string, visit: Pick<Visit, "named">): InvitationToken => {
  const parts = readToken(token);
  if (!parts || !mayOpen(visit, { id: parts.tenantId })) throw noLonger();
  return parts;
};

const roleOf = (alias: string) =>
  sql.raw(
    `json_build_object('key', ${alias}.key, 'name', ${alias}.name, 'builtIn', ${alias}.built_in, 'permissions', ${alias}.permissions)`,
  );

/**
 * The invitation a token opens, as long as it is pending and whoever gave it may still give it: what they have lost they
 * can't have handed on, a department either. `lock` keeps it as it is until the transaction ends. Throws Refusal `not_found`, or `conflict` for
 * one that is accepted already.
 */
export const accessInvitation = async (
  db: Db,
  { tenantId, invitationId, secret }: InvitationToken,
  { lock }: { lock: boolean },
): Promise<Invited> => {
  const { rows } = await db.execute<Invited>(sql`
    SELECT i.id, json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) AS tenant, t.status AS "tenantStatus",
      i.email, ${invitationStatus} AS status, i.token_hash AS "tokenHash", array_to_json(i.department_ids) AS "departmentIds",
      wire_time(i.expires_at) AS "expiresAt", ${roleOf("r")} AS role,
      json_build_object('name', u.name, 'status', m.status, 'role', ${roleOf("mr")}, 'departmentIds', ARRAY(
        SELECT d.department_id FROM department_members d WHERE d.tenant_id = m.tenant_id AND d.user_id = m.user_id
      )) AS inviter
    FROM invitations i
    JOIN tenants t ON t.id = i.tenant_id
    JOIN roles r ON r.tenant_id = i.tenant_id AND r.key = i.role
    JOIN memberships m ON m.tenant_id = i.tenant_id AND m.user_id = i.invited_by_id
    JOIN users u ON u.id = m.user_id
    JOIN roles mr ON mr.tenant_id = m.tenant_id AND mr.key = m.role
    WHERE i.tenant_id = ${tenantId} AND i.id = ${invitationId} ${lock ? sql`FOR UPDATE OF i` : sql``}`);
  const [found] = rows;
  if (!found || !isSecretOf(found.tokenHash, secret) || found.tenantStatus !== "active") throw noLonger();
  if (found.status === "accepted")
    throw new Refusal("conflict", "This invitation was accepted already. Please sign in instead.");
  const mayGive = new Set<string>(permissionsOf(found.inviter.role));
  const stands = found.inviter.status === "active" && permissionsOf(found.role).every((one) => mayGive.has(one));
  if (found.status !== "pending" || !stands) throw noLonger();
  const theirs = departmentsOf(mayGive, found.inviter.departmentIds);
  return { ...found, departmentIds: found.departmentIds.filter((id) => theirs === "all" || theirs.has(id)) };
};
