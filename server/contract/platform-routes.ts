import * as v from "valibot";
import { route } from "./define.ts";
import { Id, text, Timestamp, words } from "./entities.ts";
import { trialDays } from "./plans.ts";
import { Agent } from "./people-routes.ts";
import { Email, Name, pageOf, pageQuery, queryFlag, Slug } from "./rest.ts";
import { LimitUse, PlanName, Subscription, SubscriptionStatus, TimeZone } from "./workspace-routes.ts";

const TenantStatus = v.picklist(["active", "suspended"]);
const Person = v.object({ id: v.string(), name: v.string(), email: v.string() });
const Reason = v.pipe(words(500), v.trim());

/** A customer's workspace as Parley's staff see it. */
export const PlatformTenant = v.object({
  id: v.string(),
  slug: v.string(),
  name: v.string(),
  status: TenantStatus,
  suspendedAt: v.nullable(v.string()),
  suspendReason: v.nullable(v.string()),
  plan: PlanName,
  subscriptionStatus: SubscriptionStatus,
  trialEndsAt: v.nullable(v.string()),
  /** Active members. */
  agents: v.number(),
  createdAt: v.string(),
});
export type PlatformTenant = v.InferOutput<typeof PlatformTenant>;

/** One of Parley's staff acting as a member of a workspace, until `expiresAt` or `endedAt`. */
export const Impersonation = v.object({
  id: v.string(),
  tenant: v.object({ id: v.string(), slug: v.string(), name: v.string() }),
  user: Person,
  impersonator: v.object({ id: v.string(), name: v.string() }),
  reason: v.string(),
  readOnly: v.boolean(),
  startedAt: v.string(),
  expiresAt: v.string(),
  endedAt: v.nullable(v.string()),
});
export type Impersonation = v.InferOutput<typeof Impersonation>;

/** The longest an impersonation may last. */
export const longestImpersonationMinutes = 60;

const TenantParams = v.strictObject({ tenantId: Id });
const tenantAnswer = v.object({ tenant: PlatformTenant });

const tenants = {
  "platform-tenant/list": route({
    summary: "List the workspaces of all customers, the newest first; `search` looks at name, short name and id",
    example: { query: { search: "acme" } },
    method: "GET",
    path: "/platform/tenants",
    auth: "agent",
    query: v.strictObject({
      search: v.optional(text(100, 1)),
      status: v.optional(TenantStatus),
      plan: v.optional(PlanName),
      ...pageQuery,
    }),
    status: 200,
    response: pageOf(PlatformTenant),
    permission: "platform.read",
    limit: "read",
  }),
  "platform-tenant/get": route({
    summary: "Read a workspace, what it uses and who looks after it",
    method: "GET",
    path: "/platform/tenants/:tenantId",
    auth: "agent",
    params: TenantParams,
    status: 200,
    response: v.object({ tenant: PlatformTenant, limits: v.array(LimitUse), admins: v.array(Person) }),
    permission: "platform.read",
    limit: "read",
  }),
  "platform-tenant/list-agents": route({
    summary: "List a workspace's members, by name; `search` looks at name and e-mail. For who may act as one of them",
    example: { query: { status: "active", search: "ada" } },
    method: "GET",
    path: "/platform/tenants/:tenantId/agents",
    auth: "agent",
    params: TenantParams,
    query: v.strictObject({
      status: v.optional(Agent.entries.status),
      search: v.optional(text(100, 1)),
      ...pageQuery,
    }),
    status: 200,
    response: pageOf(Agent),
    permission: "platform.impersonate",
    limit: "read",
  }),
  "platform-tenant/create": route({
    summary: "Create a workspace for a customer; its owner is told by mail how to get in",
    example: {
      body: {
        name: "Initech",
        slug: "initech",
        plan: "pro",
        trialDays,
        owner: { email: "olive@initech.test", name: "Olive Initech" },
      },
    },
    method: "POST",
    path: "/platform/tenants",
    auth: "agent",
    body: v.strictObject({
      name: Name,
      slug: Slug,
      plan: PlanName,
      trialDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365))),
      timeZone: v.optional(TimeZone),
      owner: v.strictObject({ email: Email, name: Name }),
    }),
    status: 201,
    response: v.object({ tenant: PlatformTenant, owner: Person }),
    errors: ["conflict"],
    permission: "platform.manage",
    limit: "write",
  }),
  "platform-tenant/suspend": route({
    summary: "Suspend a workspace: its members and visitors are shut out at once, and nothing is deleted",
    example: { body: { reason: "The invoices of three months are unpaid." } },
    method: "POST",
    path: "/platform/tenants/:tenantId/suspend",
    auth: "agent",
    params: TenantParams,
    body: v.strictObject({ reason: Reason }),
    status: 200,
    response: tenantAnswer,
    errors: ["not_found", "conflict"],
    permission: "platform.manage",
    limit: "write",
  }),
  "platform-tenant/resume": route({
    summary: "Resume a suspended workspace where it stopped",
    method: "POST",
    path: "/platform/tenants/:tenantId/resume",
    auth: "agent",
    params: TenantParams,
    status: 200,
    response: tenantAnswer,
    errors: ["not_found", "conflict"],
    permission: "platform.manage",
    limit: "write",
  }),
  "platform-tenant/set-plan": route({
    summary: "Set a workspace's plan and the state of its subscription. A canceled one is on the smallest plan",
    example: { body: { plan: "enterprise", status: "active", reason: "They signed for a year." } },
    method: "PUT",
    path: "/platform/tenants/:tenantId/plan",
    auth: "agent",
    params: TenantParams,
    body: v.strictObject({
      plan: PlanName,
      status: v.optional(SubscriptionStatus),
      /** When a trial ends; only with `trialing`. */
      trialEndsAt: v.optional(Timestamp),
      reason: v.optional(Reason),
    }),
    status: 200,
    response: v.object({ tenant: PlatformTenant, subscription: Subscription }),
    errors: ["not_found", "conflict"],
    permission: "platform.manage",
    limit: "write",
  }),
};

const impersonations = {
  "impersonation/create": route({
    summary:
      "Act as a member of a workspace, for a while and a stated reason; to look only, unless `write` is asked for",
    example: {
      body: {
        tenantId: "018f3c7e-1111-7000-8000-000000000001",
        reason: "They report that a conversation does not load.",
        minutes: 15,
      },
    },
    method: "POST",
    path: "/platform/impersonations",
    auth: "person",
    body: v.strictObject({
      tenantId: Id,
      /** Whom to act as; without it the admin who has been there longest. */
      userId: v.optional(Id),
      reason: Reason,
      minutes: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(longestImpersonationMinutes)),
        longestImpersonationMinutes / 2,
      ),
      write: v.optional(v.boolean(), false),
    }),
    status: 201,
    response: v.object({ impersonation: Impersonation, accessToken: v.string(), expiresIn: v.number() }),
    errors: ["not_found", "conflict"],
    permission: "platform.impersonate",
    grantsAccess: true,
    limit: "write",
  }),
  "impersonation/list": route({
    summary: "List who acted as whom, where and why, the newest first",
    example: { query: { active: "true" } },
    method: "GET",
    path: "/platform/impersonations",
    auth: "agent",
    query: v.strictObject({ active: v.optional(queryFlag), tenantId: v.optional(Id), ...pageQuery }),
    status: 200,
    response: pageOf(Impersonation),
    permission: "platform.read",
    limit: "read",
  }),
  "impersonation/end": route({
    summary: "End an impersonation at once",
    method: "POST",
    path: "/platform/impersonations/:impersonationId/end",
    auth: "agent",
    params: v.strictObject({ impersonationId: Id }),
    status: 200,
    response: v.object({ impersonation: Impersonation }),
    errors: ["not_found"],
    permission: "platform.impersonate",
    limit: "write",
  }),
};

/** What Parley's own staff may do across workspaces. */
export const platformRoutes = { ...tenants, ...impersonations };
