import * as v from "valibot";
import { route } from "./define.ts";
import { Id, text } from "./entities.ts";
import { planNames } from "./plans.ts";
import { Email, Name, NewPassword, pageOf, pageQuery, Password, Slug, TenantChoice } from "./rest.ts";

/** A code of the authenticator app, or one of the recovery codes. */
const Code = text(40, 1);
/** The short name of a workspace as somebody types it who looks for theirs. */
const TenantSlug = v.pipe(text(63, 1), v.normalize("NFKC"), v.toLowerCase());

const User = v.object({ id: v.string(), name: v.string(), email: v.string() });

/** What login and refresh answer; the refresh token travels beside it in an HttpOnly cookie. */
export const LoginData = v.object({
  user: User,
  tenant: TenantChoice,
  tenants: v.array(TenantChoice),
  accessToken: v.string(),
  expiresIn: v.number(),
});
export type LoginData = v.InferOutput<typeof LoginData>;

/**
 * A login that lasts, on one device and in one workspace. `impersonator` is one of Parley's staff who acts as the person
 * by it; `current` is the one that asks.
 */
export const Session = v.object({
  id: v.string(),
  tenant: TenantChoice,
  device: v.nullable(v.string()),
  address: v.nullable(v.string()),
  createdAt: v.string(),
  lastUsedAt: v.string(),
  expiresAt: v.string(),
  current: v.boolean(),
  impersonator: v.optional(v.object({ name: v.string(), readOnly: v.boolean() })),
});
export type Session = v.InferOutput<typeof Session>;

/** Who asks. `via` is who really does, where it is not the person: one of Parley's staff, or an API key. */
export const Me = v.object({
  user: v.object({
    ...User.entries,
    /** Whether somebody has shown by a mailed link that the address is theirs. Nothing is locked before. */
    emailConfirmed: v.boolean(),
    /** Whether signing in asks for a code, and how many recovery codes are left. */
    secondFactor: v.boolean(),
    recoveryCodesLeft: v.number(),
  }),
  tenant: v.object({
    ...TenantChoice.entries,
    kind: v.picklist(["customer", "platform"]),
    plan: v.picklist(planNames),
  }),
  /** The workspaces the person may switch to, this one among them. */
  tenants: v.array(TenantChoice),
  role: v.string(),
  roleName: v.string(),
  permissions: v.array(v.string()),
  departments: v.array(v.object({ id: v.string(), name: v.string() })),
  via: v.optional(v.object({ kind: v.picklist(["platform", "api_key"]), id: v.string(), name: v.string() })),
  readOnly: v.optional(v.boolean()),
});
export type Me = v.InferOutput<typeof Me>;

const RecoveryCodes = v.object({ recoveryCodes: v.array(v.string()) });

/** Signing up, in and out, and everything about one's own login. */
export const authRoutes = {
  "auth/register": route({
    summary:
      "Sign up: make a workspace and become its admin. With the password of a login that exists it is that login's",
    example: {
      body: {
        email: "olive@orchard.test",
        password: "a long enough password",
        name: "Olive Orchard",
        workspace: { name: "Orchard", slug: "orchard" },
      },
    },
    method: "POST",
    path: "/auth/register",
    auth: "none",
    body: v.strictObject({
      email: Email,
      password: NewPassword,
      name: Name,
      workspace: v.strictObject({ name: Name, slug: Slug }),
      code: v.optional(Code),
    }),
    status: 201,
    response: LoginData,
    errors: ["unauthenticated", "conflict"],
    limit: "auth",
  }),
  "auth/login": route({
    summary: "Sign in. `tenant` names the workspace by its slug; `code` is the second factor where one is set up",
    example: { body: { email: "admin@acme.test", password: "parley-demo" } },
    method: "POST",
    path: "/auth/login",
    auth: "none",
    body: v.strictObject({
      email: Email,
      password: Password,
      tenant: v.optional(TenantSlug),
      code: v.optional(Code),
    }),
    status: 200,
    response: LoginData,
    errors: ["unauthenticated"],
    limit: "auth",
  }),
  "auth/refresh": route({
    summary: "Exchange the refresh cookie for a new access token",
    method: "POST",
    path: "/auth/refresh",
    auth: "none",
    status: 200,
    response: LoginData,
    errors: ["unauthenticated"],
    limit: "auth",
  }),
  "auth/switch-tenant": route({
    summary: "Continue in another of one's workspaces, named by its slug",
    example: { body: { tenant: "acme" } },
    method: "POST",
    path: "/auth/switch-tenant",
    auth: "person",
    body: v.strictObject({ tenant: TenantSlug }),
    status: 200,
    response: LoginData,
    errors: ["not_found"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/logout": route({
    summary: "End this session, on every device that shares it",
    method: "POST",
    path: "/auth/logout",
    auth: "agent",
    status: 204,
    response: null,
    limit: "write",
  }),
  "auth/logout-everywhere": route({
    summary: "End every session of one's login, in all workspaces, this one too",
    method: "POST",
    path: "/auth/logout-everywhere",
    auth: "person",
    status: 204,
    response: null,
    grantsAccess: true,
    limit: "write",
  }),
  "auth/sessions": route({
    summary: "The sessions of one's login, newest first",
    method: "GET",
    path: "/auth/sessions",
    auth: "person",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(Session),
    limit: "read",
  }),
  "auth/sessions/revoke": route({
    summary: "End one of one's sessions",
    method: "DELETE",
    path: "/auth/sessions/:sessionId",
    auth: "person",
    params: v.strictObject({ sessionId: Id }),
    status: 204,
    response: null,
    errors: ["not_found"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/sessions/revoke-others": route({
    summary: "End all of one's sessions but this one",
    method: "POST",
    path: "/auth/sessions/revoke-others",
    auth: "person",
    status: 200,
    response: v.object({ ended: v.number() }),
    grantsAccess: true,
    limit: "write",
  }),
  "auth/password/change": route({
    summary: "Change one's password, by `code` too where one has a second factor; every other session ends",
    example: { body: { currentPassword: "parley-demo", password: "a long enough password" } },
    method: "POST",
    path: "/auth/password/change",
    auth: "person",
    body: v.strictObject({ currentPassword: Password, password: NewPassword, code: v.optional(Code) }),
    status: 204,
    response: null,
    errors: ["permission_denied"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/password/forgot": route({
    summary:
      "Have a link mailed by which a new password can be chosen. The answer does not tell whether the address is known",
    example: { body: { email: "admin@acme.test" } },
    method: "POST",
    path: "/auth/password/forgot",
    auth: "none",
    body: v.strictObject({ email: Email }),
    status: 204,
    response: null,
    limit: "auth",
  }),
  "auth/password/reset": route({
    summary:
      "Choose a new password by the token of a mailed link, which confirms the address; every session ends. Where nobody had confirmed it before, a second factor and API keys end too",
    example: { body: { token: "the token of the link", password: "a long enough password" } },
    method: "POST",
    path: "/auth/password/reset",
    auth: "none",
    body: v.strictObject({ token: text(500, 1), password: NewPassword }),
    status: 204,
    response: null,
    errors: ["unauthenticated"],
    limit: "auth",
  }),
  "auth/email/confirm": route({
    summary: "Confirm the address of a login by the token of a mailed link. Asking again gives the same answer",
    example: { body: { token: "the token of the link" } },
    method: "POST",
    path: "/auth/email/confirm",
    auth: "none",
    body: v.strictObject({ token: text(500, 1) }),
    status: 204,
    response: null,
    errors: ["unauthenticated"],
    limit: "auth",
  }),
  "auth/email/resend": route({
    summary: "Have a link mailed that confirms one's address",
    method: "POST",
    path: "/auth/email/resend",
    auth: "person",
    status: 204,
    response: null,
    errors: ["conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/totp/setup": route({
    summary:
      "Begin with a second factor: a secret for an authenticator app. It asks for codes once one was confirmed, and takes an address that is confirmed",
    example: { body: { password: "parley-demo" } },
    method: "POST",
    path: "/auth/totp/setup",
    auth: "person",
    body: v.strictObject({ password: Password }),
    status: 200,
    response: v.object({ secret: v.string(), uri: v.string() }),
    errors: ["permission_denied", "conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/totp/confirm": route({
    summary: "Give a first code: from now on signing in asks for one. Shows the recovery codes, this once",
    example: { body: { code: "123456" } },
    method: "POST",
    path: "/auth/totp/confirm",
    auth: "person",
    body: v.strictObject({ code: Code }),
    status: 200,
    response: RecoveryCodes,
    errors: ["permission_denied", "conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/totp/recovery-codes": route({
    summary: "Replace all recovery codes by new ones, shown this once",
    example: { body: { password: "parley-demo", code: "123456" } },
    method: "POST",
    path: "/auth/totp/recovery-codes",
    auth: "person",
    body: v.strictObject({ password: Password, code: Code }),
    status: 200,
    response: RecoveryCodes,
    errors: ["permission_denied", "conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  "auth/totp/disable": route({
    summary: "Sign in without a second factor again",
    example: { body: { password: "parley-demo", code: "123456" } },
    method: "POST",
    path: "/auth/totp/disable",
    auth: "person",
    body: v.strictObject({ password: Password, code: Code }),
    status: 204,
    response: null,
    errors: ["permission_denied", "conflict"],
    grantsAccess: true,
    limit: "write",
  }),
  me: route({
    summary: "Who you are, where, and what you may do",
    method: "GET",
    path: "/me",
    auth: "agent",
    status: 200,
    response: Me,
    limit: "read",
  }),
  "me/update": route({
    summary: "Change one's own name",
    example: { body: { name: "Ada Moreau" } },
    method: "PATCH",
    path: "/me",
    auth: "person",
    body: v.strictObject({ name: Name }),
    status: 200,
    response: Me,
    limit: "write",
  }),
};
