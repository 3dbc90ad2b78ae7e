import type { LimitName, Price, SubscriptionStatus } from "../../../server/contract/plans.ts";

export const limitNames: Record<LimitName, string> = {
  agents: "People and open invitations",
  departments: "Departments",
  inboxes: "Inboxes",
  openConversationsPerAgent: "Open conversations per agent",
  conversationsPerMonth: "Conversations this month",
  storageMegabytes: "Storage (MB)",
  retentionDays: "Days kept",
  attachmentMegabytes: "Attachments up to (MB)",
  analyticsDays: "Days of analytics",
};

export const statusNames: Record<SubscriptionStatus, string> = {
  trialing: "On trial",
  active: "Active",
  past_due: "Payment is late",
  canceled: "Canceled",
};

const number = new Intl.NumberFormat();

/** `3 of 25`, or `3` where there is no limit. */
export const usedText = (current: number, most: number | null): string =>
  most === null ? number.format(current) : `${number.format(current)} of ${number.format(most)}`;

/** What a plan allows, in a word. */
export const mostText = (most: number | null): string => (most === null ? "no limit" : number.format(most));

/** The share of a limit that is used, 0 to 100; null where there is none. */
export const shareOf = (current: number, most: number | null): number | null =>
  most === null ? null : most === 0 ? 100 : Math.min(100, Math.round((current / most) * 100));

/** What a plan costs, in a few words. */
export const priceText = (price: Price | null): string => {
  if (price === null) return "On request";
  if (price.amount === 0) return "Free";
  const { currency } = price;
  const money = new Intl.NumberFormat(undefined, {
    style: "currency",
    currency,
    trailingZeroDisplay: "stripIfInteger",
  });
  return `${money.format(price.amount / 100)} per person and month`;
};
