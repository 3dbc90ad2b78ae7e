import { agentRoutes } from "./agent-routes.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { roleRoutes } from "./role-routes.ts";

export { Agent } from "./agent-routes.ts";
export { Invitation, InvitationPreview } from "./invitation-routes.ts";
export { MemberRole, PermissionInfo } from "./role-routes.ts";

/** Members, invitations, roles and permissions. */
export const peopleRoutes = { ...agentRoutes, ...invitationRoutes, ...roleRoutes };
