import * as v from "valibot";
import { route } from "./define.ts";
import { text } from "./entities.ts";
import { type Feature, features, type LimitName, limitNames, planNames, subscriptionStatuses } from "./plans.ts";
import { Name, Origin, pageOf, pageQuery, Slug } from "./rest.ts";

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format() !== "";
  } catch {
    return false;
  }
};

/** A zone of the IANA database, such as `Europe/Lisbon`. An offset is none: it knows no summer time. */
export const TimeZone = v.pipe(
  text(64, 1),
  v.regex(/^[A-Za-z]/u, "must be a time zone, such as Europe/Lisbon"),
  v.check(isTimeZone, "must be a time zone, such as Europe/Lisbon"),
);

export const PlanName = v.picklist(planNames);
export const SubscriptionStatus = v.picklist(subscriptionStatuses);

const each = <K extends string, S extends v.GenericSchema<any, any>>(names: readonly K[], schema: S) =>
  v.object(Object.fromEntries(names.map((name) => [name, schema])) as Record<K, S>);

/** A plan as it is sold. `null`: no limit. Storage and attachments in megabytes, retention and analytics in days. */
export const PlanOffer = v.object({
  name: PlanName,
  title: v.string(),
  limits: each<LimitName, v.NullableSchema<v.NumberSchema<undefined>, undefined>>(limitNames, v.nullable(v.number())),
  features: each<Feature, v.BooleanSchema<undefined>>(features, v.boolean()),
});
export type PlanOffer = v.InferOutput<typeof PlanOffer>;

/** How much of a limit is used; `most` null: as much as one likes. */
export const LimitUse = v.object({
  limit: v.picklist(limitNames),
  current: v.number(),
  most: v.nullable(v.number()),
});
export type LimitUse = v.InferOutput<typeof LimitUse>;

/** `over`: what stands although the plan would no longer allow it. It stays; nothing is added until it fits again. */
export const Subscription = v.object({
  plan: PlanName,
  status: SubscriptionStatus,
  trialEndsAt: v.nullable(v.string()),
  over: v.array(LimitUse),
});
export type Subscription = v.InferOutput<typeof Subscription>;

export const SubscriptionEvent = v.object({
  id: v.string(),
  plan: PlanName,
  status: SubscriptionStatus,
  previousPlan: v.nullable(PlanName),
  previousStatus: v.nullable(SubscriptionStatus),
  by: v.object({ kind: v.string(), id: v.nullable(v.string()) }),
  reason: v.nullable(v.string()),
  createdAt: v.string(),
});
export type SubscriptionEvent = v.InferOutput<typeof SubscriptionEvent>;

/** Usage of this month, which ends at midnight UTC; `months`: conversations of the last twelve, the newest first. */
export const Usage = v.object({
  plan: PlanName,
  period: v.string(),
  resetsAt: v.string(),
  limits: v.array(LimitUse),
  months: v.array(v.object({ period: v.string(), conversations: v.number() })),
});
export type Usage = v.InferOutput<typeof Usage>;

/** A workspace as its own members see it. */
export const Tenant = v.object({
  id: v.string(),
  slug: v.string(),
  name: v.string(),
  plan: PlanName,
  subscriptionStatus: SubscriptionStatus,
  trialEndsAt: v.nullable(v.string()),
  timeZone: v.string(),
  allowedOrigins: v.array(v.string()),
  createdAt: v.string(),
});
export type Tenant = v.InferOutput<typeof Tenant>;

/** The workspace itself: its name, its plan and what it uses. */
export const workspaceRoutes = {
  "plan/list": route({
    summary: "What is sold, and what each plan allows",
    method: "GET",
    path: "/plans",
    auth: "none",
    status: 200,
    response: pageOf(PlanOffer),
    limit: "read",
  }),
  "tenant/get": route({
    summary: "Read the workspace's settings",
    method: "GET",
    path: "/tenant",
    auth: "agent",
    status: 200,
    response: v.object({ tenant: Tenant }),
    permission: "tenant.read",
    limit: "read",
  }),
  "tenant/update": route({
    summary: "Change the workspace's name, short name, time zone or the origins that may use its API",
    example: {
      body: { name: "Acme Plants", timeZone: "Europe/Lisbon", allowedOrigins: ["https://shop.acme.example"] },
    },
    method: "PATCH",
    path: "/tenant",
    auth: "agent",
    body: v.strictObject({
      name: v.optional(Name),
      slug: v.optional(Slug),
      timeZone: v.optional(TimeZone),
      allowedOrigins: v.optional(v.pipe(v.array(Origin), v.maxLength(50))),
    }),
    status: 200,
    response: v.object({ tenant: Tenant }),
    errors: ["conflict"],
    permission: "tenant.update",
    grantsAccess: ["slug", "allowedOrigins"],
    limit: "write",
  }),
  "usage/get": route({
    summary: "See what the workspace uses of its plan",
    method: "GET",
    path: "/tenant/usage",
    auth: "agent",
    status: 200,
    response: v.object({ usage: Usage }),
    permission: "tenant.read",
    limit: "read",
  }),
  "plan/get": route({
    summary: "Read the workspace's plan and the state of its subscription",
    method: "GET",
    path: "/tenant/plan",
    auth: "agent",
    status: 200,
    response: v.object({ subscription: Subscription }),
    permission: "tenant.read",
    limit: "read",
  }),
  "plan/update": route({
    summary: "Choose a plan. A smaller one takes nothing away, but nothing is added to what it does not allow",
    example: { body: { plan: "pro" } },
    method: "PUT",
    path: "/tenant/plan",
    auth: "person",
    body: v.strictObject({ plan: PlanName }),
    status: 200,
    response: v.object({ subscription: Subscription }),
    permission: "plan.update",
    limit: "write",
  }),
  "subscription-event/list": route({
    summary: "List every change of the plan and the subscription, the newest first",
    method: "GET",
    path: "/tenant/subscription-events",
    auth: "agent",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(SubscriptionEvent),
    permission: "tenant.read",
    limit: "read",
  }),
};
