import * as v from "valibot";
import { DepartmentIds } from "./agent-routes.ts";
import { LoginData } from "./auth-routes.ts";
import { route } from "./define.ts";
import { Id, text } from "./entities.ts";
import { Email, Name, pageOf, pageQuery, Password } from "./rest.ts";
import { RoleKey } from "./role-routes.ts";

export const invitationStatuses = ["pending", "accepted", "revoked", "expired"] as const;

/** A seat kept for somebody until they accept, it is taken back or it expires. */
export const Invitation = v.object({
  id: v.string(),
  email: v.string(),
  role: v.string(),
  roleName: v.string(),
  departmentIds: v.array(v.string()),
  status: v.picklist(invitationStatuses),
  invitedBy: v.object({ id: v.string(), name: v.string() }),
  createdAt: v.string(),
  expiresAt: v.string(),
  acceptedAt: v.nullable(v.string()),
  revokedAt: v.nullable(v.string()),
});
export type Invitation = v.InferOutput<typeof Invitation>;

/** What an invited person sees before they accept. With `hasLogin` the password of that login is asked, else a new one. */
export const InvitationPreview = v.object({
  tenant: v.object({ name: v.string(), slug: v.string() }),
  email: v.string(),
  roleName: v.string(),
  invitedBy: v.object({ name: v.string() }),
  expiresAt: v.string(),
  hasLogin: v.boolean(),
});
export type InvitationPreview = v.InferOutput<typeof InvitationPreview>;

const InvitationParams = v.strictObject({ invitationId: Id });
const Token = text(200, 1);
const one = v.object({ invitation: Invitation });

/** Inviting people into a workspace. */
export const invitationRoutes = {
  "invitation/list": route({
    summary: "List invitations, newest first",
    example: { query: { status: "pending" } },
    method: "GET",
    path: "/invitations",
    auth: "agent",
    query: v.strictObject({ status: v.optional(v.picklist(invitationStatuses)), ...pageQuery }),
    status: 200,
    response: pageOf(Invitation),
    permission: "invitation.read",
    limit: "read",
  }),
  "invitation/get": route({
    summary: "Get an invitation",
    method: "GET",
    path: "/invitations/:invitationId",
    auth: "agent",
    params: InvitationParams,
    status: 200,
    response: one,
    permission: "invitation.read",
    limit: "read",
  }),
  "invitation/create": route({
    summary: "Invite somebody by mail. The link in it works for a week",
    example: { body: { email: "nadia@example.test", role: "agent" } },
    method: "POST",
    path: "/invitations",
    auth: "agent",
    body: v.strictObject({ email: Email, role: RoleKey, departmentIds: v.optional(DepartmentIds) }),
    status: 201,
    response: one,
    errors: ["not_found", "conflict", "limit_exceeded"],
    permission: "invitation.create",
    grantsAccess: true,
    limit: "write",
  }),
  "invitation/resend": route({
    summary: "Mail a new link, which works for a week; the one before no longer does",
    method: "POST",
    path: "/invitations/:invitationId/resend",
    auth: "agent",
    params: InvitationParams,
    status: 200,
    response: one,
    errors: ["conflict", "limit_exceeded"],
    permission: "invitation.create",
    grantsAccess: true,
    limit: "write",
  }),
  "invitation/revoke": route({
    summary: "Take an invitation back",
    method: "DELETE",
    path: "/invitations/:invitationId",
    auth: "agent",
    params: InvitationParams,
    status: 204,
    response: null,
    errors: ["conflict"],
    permission: "invitation.create",
    grantsAccess: true,
    limit: "write",
  }),
  "invitation/preview": route({
    summary: "See who invites to what, by the token of a mailed link",
    example: { body: { token: "the token of the link" } },
    method: "POST",
    path: "/invitations/preview",
    auth: "none",
    body: v.strictObject({ token: Token }),
    status: 200,
    response: InvitationPreview,
    errors: ["not_found", "conflict"],
    limit: "auth",
  }),
  "invitation/accept": route({
    summary:
      "Accept an invitation and sign in. Whoever has no login yet chooses a name and a password; whoever has one gives its password, and `code` where it asks for one",
    example: { body: { token: "the token of the link", name: "Nadia Okoye", password: "a long enough password" } },
    method: "POST",
    path: "/invitations/accept",
    auth: "none",
    body: v.strictObject({
      token: Token,
      name: v.optional(Name),
      password: Password,
      code: v.optional(text(40, 1)),
    }),
    status: 201,
    response: LoginData,
    errors: ["unauthenticated", "not_found", "conflict", "limit_exceeded"],
    limit: "auth",
  }),
};
