import type { peopleRoutes } from "../../contract/people-routes.ts";
import { deactivateAgent } from "../../features/agent/deactivate.ts";
import { getAgent } from "../../features/agent/get.ts";
import { listAgents } from "../../features/agent/list.ts";
import { reactivateAgent } from "../../features/agent/reactivate.ts";
import { updateAgent } from "../../features/agent/update.ts";
import type { AuthParts } from "../../features/auth/session.ts";
import { acceptInvitation } from "../../features/invitation/accept.ts";
import { createInvitation } from "../../features/invitation/create.ts";
import { getInvitation } from "../../features/invitation/get.ts";
import { listInvitations } from "../../features/invitation/list.ts";
import { previewInvitation } from "../../features/invitation/preview.ts";
import { resendInvitation } from "../../features/invitation/resend.ts";
import { revokeInvitation } from "../../features/invitation/revoke.ts";
import { listPermissions } from "../../features/permission/list.ts";
import { createRole } from "../../features/role/create.ts";
import { deleteRole } from "../../features/role/delete.ts";
import { getRole } from "../../features/role/get.ts";
import { listRoles } from "../../features/role/list.ts";
import { updateRole } from "../../features/role/update.ts";
import type { HandlersOf } from "../guard.ts";
import { setRefreshCookie } from "../refresh-cookie.ts";

export const peopleHandlers = (auth: AuthParts): HandlersOf<typeof peopleRoutes> => ({
  "agent/list": ({ ctx, query }) => listAgents(ctx, query),
  "agent/get": ({ ctx, params }) => getAgent(ctx, params),
  "agent/update": ({ ctx, params, body }) => updateAgent(ctx, params, body),
  "agent/deactivate": ({ ctx, params }) => deactivateAgent(ctx, params),
  "agent/reactivate": ({ ctx, params }) => reactivateAgent(ctx, params),
  "invitation/list": ({ ctx, query }) => listInvitations(ctx, query),
  "invitation/get": ({ ctx, params }) => getInvitation(ctx, params),
  "invitation/create": ({ ctx, body }) => createInvitation(ctx, body),
  "invitation/resend": ({ ctx, params }) => resendInvitation(ctx, params),
  "invitation/revoke": ({ ctx, params }) => revokeInvitation(ctx, params),
  "invitation/preview": ({ body, visit }) => previewInvitation(auth.node, body, visit),
  "invitation/accept": async ({ koa, body, visit }) => {
    const { data, refreshToken } = await acceptInvitation(auth, body, visit);
    setRefreshCookie(koa, auth.node.config, refreshToken);
    return data;
  },
  "permission/list": ({ ctx, query }) => listPermissions(ctx, query),
  "role/list": ({ ctx, query }) => listRoles(ctx, query),
  "role/get": ({ ctx, params }) => getRole(ctx, params),
  "role/create": ({ ctx, body }) => createRole(ctx, body),
  "role/update": ({ ctx, params, body }) => updateRole(ctx, params, body),
  "role/delete": ({ ctx, params }) => deleteRole(ctx, params),
});
