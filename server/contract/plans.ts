/**
 * What is sold. `null`: no limit. Storage and attachments in megabytes, retention and analytics in days. The price is per
 * person and month in minor units, and stands here alone; `null`: on request.
 */
export const plans = {
  basic: {
    name: "Basic",
    price: { amount: 0, currency: "EUR" },
    limits: {
      agents: 3,
      departments: 2,
      inboxes: 1,
      openConversationsPerAgent: 20,
      conversationsPerMonth: 1_000,
      storageMegabytes: 1_024,
      retentionDays: 365,
      attachmentMegabytes: 5,
      analyticsDays: 30,
    },
    features: {
      customRoles: false,
      slaPolicies: false,
      platformEscalation: false,
      webhooks: false,
      apiKeys: false,
      auditExport: false,
      dedicatedDatabase: false,
      whiteLabel: false,
    },
  },
  pro: {
    name: "Pro",
    price: { amount: 2_900, currency: "EUR" },
    limits: {
      agents: 25,
      departments: 20,
      inboxes: 10,
      openConversationsPerAgent: 100,
      conversationsPerMonth: 20_000,
      storageMegabytes: 51_200,
      retentionDays: 1_095,
      attachmentMegabytes: 25,
      analyticsDays: 365,
    },
    features: {
      customRoles: true,
      slaPolicies: true,
      platformEscalation: false,
      webhooks: true,
      apiKeys: true,
      auditExport: false,
      dedicatedDatabase: false,
      whiteLabel: false,
    },
  },
  enterprise: {
    name: "Enterprise",
    price: null,
    limits: {
      agents: null,
      departments: null,
      inboxes: null,
      openConversationsPerAgent: null,
      conversationsPerMonth: null,
      storageMegabytes: null,
      retentionDays: null,
      attachmentMegabytes: 100,
      analyticsDays: null,
    },
    features: {
      customRoles: true,
      slaPolicies: true,
      platformEscalation: true,
      webhooks: true,
      apiKeys: true,
      auditExport: true,
      dedicatedDatabase: true,
      whiteLabel: true,
    },
  },
} satisfies Record<string, Plan>;

type Limits = Record<
  | "agents"
  | "departments"
  | "inboxes"
  | "openConversationsPerAgent"
  | "conversationsPerMonth"
  | "storageMegabytes"
  | "retentionDays"
  | "attachmentMegabytes"
  | "analyticsDays",
  number | null
>;
type Features = Record<
  | "customRoles"
  | "slaPolicies"
  | "platformEscalation"
  | "webhooks"
  | "apiKeys"
  | "auditExport"
  | "dedicatedDatabase"
  | "whiteLabel",
  boolean
>;
export type Price = { amount: number; currency: string };
export type Plan = { name: string; price: Price | null; limits: Limits; features: Features };
export type PlanName = keyof typeof plans;
export type LimitName = keyof Limits;
export type Feature = keyof Features;

export const planNames = Object.keys(plans) as [PlanName, ...PlanName[]];
export const limitNames = Object.keys(plans.basic.limits) as [LimitName, ...LimitName[]];
export const features = Object.keys(plans.basic.features) as [Feature, ...Feature[]];

/** What of all that is carried out by now: nothing else is offered to anybody. */
export const offeredLimits: readonly LimitName[] = [
  "agents",
  "departments",
  "inboxes",
  "openConversationsPerAgent",
  "conversationsPerMonth",
];
export const offeredFeatures: readonly Feature[] = ["customRoles", "apiKeys", "auditExport", "whiteLabel"];

export const subscriptionStatuses = ["trialing", "active", "past_due", "canceled"] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

const nextStatuses: Record<SubscriptionStatus, SubscriptionStatus[]> = {
  trialing: ["trialing", "active", "canceled"],
  active: ["active", "past_due", "canceled"],
  past_due: ["past_due", "active", "canceled"],
  canceled: ["canceled", "active", "trialing"],
};

/** Whether a subscription in one state may come into another. */
export const canBecome = (from: SubscriptionStatus, to: SubscriptionStatus): boolean => nextStatuses[from].includes(to);

/** The plan as it is read everywhere: one type, whichever it is. */
export const planOf = (name: PlanName): Plan => plans[name];

/** The smallest plan that includes a feature, for the sentence of a refusal. */
export const planWith = (feature: Feature): string =>
  planOf(planNames.find((name) => plans[name].features[feature])!).name;

/** How long a new workspace may try `trialPlan` before it falls back to `basic`. */
export const trialDays = 14;
export const trialPlan: PlanName = "pro";
