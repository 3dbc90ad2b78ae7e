import { sql } from "drizzle-orm";
import type { Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Invitation } from "../../contract/people-routes.ts";

export const noInvitation = () => new Refusal("not_found", "There is no such invitation.");

/** SQL over an invitation `i`. One that had expired before it was taken back, to make room for another, has expired. */
export const invitationStatus = sql`
  CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted'
    WHEN i.revoked_at < i.expires_at THEN 'revoked'
    WHEN i.revoked_at IS NOT NULL OR i.expires_at <= now() THEN 'expired'
    ELSE 'pending' END`;

/** SQL: invitations as the wire shows them. */
export const presentedInvitation = sql`
  SELECT i.id, i.email, i.role, r.name AS "roleName", array_to_json(i.department_ids) AS "departmentIds",
    ${invitationStatus} AS status, json_build_object('id', u.id, 'name', u.name) AS "invitedBy",
    wire_time(i.created_at) AS "createdAt", wire_time(i.expires_at) AS "expiresAt",
    wire_time(i.accepted_at) AS "acceptedAt",
    CASE ${invitationStatus} WHEN 'revoked' THEN wire_time(i.revoked_at) END AS "revokedAt"
  FROM invitations i
  JOIN roles r ON r.tenant_id = i.tenant_id AND r.key = i.role
  JOIN users u ON u.id = i.invited_by_id`;

/** An invitation of the tenant, or `not_found`. */
export const presentInvitation = async (db: Tx["db"], tenantId: string, invitationId: string): Promise<Invitation> => {
  const { rows } = await db.execute<Invitation>(sql`
    ${presentedInvitation} WHERE i.tenant_id = ${tenantId} AND i.id = ${invitationId}`);
  if (!rows[0]) throw noInvitation();
  return rows[0];
};
