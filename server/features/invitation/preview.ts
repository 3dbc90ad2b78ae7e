import type { Node } from "../../context.ts";
import type { InvitationPreview } from "../../contract/people-routes.ts";
import type { Visit } from "../auth/session.ts";
import { accessInvitation, parseToken } from "./access.ts";

/** Who invites to what, and whether the address has a login. Throws Refusal `not_found` or `conflict`. */
export const previewInvitation = async (
  node: Node,
  { token }: { token: string },
  visit: Pick<Visit, "named">,
): Promise<InvitationPreview> => {
  const parts = parseToken(token, visit);
  const { tenant, email, role, inviter, expiresAt } = await node.tenancy.withTenant(parts.tenantId, (db) =>
    accessInvitation(db, parts, { lock: false }),
  );
  const login = await node.directory.findLogin(email);
  return {
    tenant: { name: tenant.name, slug: tenant.slug },
    email,
    roleName: role.name,
    invitedBy: { name: inviter.name },
    expiresAt,
    hasLogin: typeof login?.passwordHash === "string",
  };
};
