import { planOf } from "../../contract/plans.ts";
import type { LimitUse, Subscription } from "../../contract/workspace-routes.ts";
import type { Notice } from "../tenant/mail-admins.ts";
import { nounOf } from "../usage/ensure-within.ts";

const overLine = ({ limit, current, most }: LimitUse) => `• ${current} ${nounOf(limit)}, of ${most} the plan allows`;

/** What stands beyond the plan, in words; empty where nothing does. */
const aboutOver = (over: LimitUse[]): string[] =>
  over.length === 0
    ? []
    : [
        "You use more than this plan allows. Nothing is taken away, but nothing can be added to these until it fits again:",
        ...over.map(overLine),
      ];

type About = { workspace: string; url: string };
const action = ({ url }: About) => ({ label: "See plan and usage", url });

/** The plan or the state of the subscription is another now. */
export const subscriptionChanged = (
  about: About,
  { plan, status, trialEndsAt, over }: Subscription,
  trialEnded: boolean,
): Notice => {
  const { name } = planOf(plan);
  const said = {
    trialing: `${about.workspace} may try ${name} until ${trialEndsAt?.slice(0, 10)}.`,
    active: trialEnded
      ? `The trial of ${about.workspace} has ended, and the workspace goes on with ${name}. Choose a plan whenever you like.`
      : `${about.workspace} is on the plan ${name} now.`,
    past_due: `A payment for ${about.workspace} is due. Everything goes on as it is; please see to it soon.`,
    canceled: `The subscription of ${about.workspace} is canceled. The workspace and all it holds stay, on the plan ${name}.`,
  }[status];
  return {
    kind: "subscription_changed",
    subject: trialEnded ? `The trial of ${about.workspace} has ended` : `The plan of ${about.workspace} has changed`,
    letter: { paragraphs: [said, ...aboutOver(over)], action: action(about) },
  };
};

/** The trial is about to end. */
export const trialEnding = (about: About, plan: string, endsAt: string): Notice => ({
  kind: "trial_ending",
  subject: `The trial of ${about.workspace} ends on ${endsAt}`,
  letter: {
    paragraphs: [
      `The trial of ${plan} in ${about.workspace} ends on ${endsAt}. Choose a plan to keep what it allows; otherwise the workspace goes on with the smallest plan, and nothing is deleted.`,
    ],
    action: action(about),
  },
});

/** Conversations of this month come near the limit, or have reached it. */
export const conversationsUsedUp = (about: About, { current, most }: LimitUse): Notice => {
  const reached = most !== null && current >= most;
  return {
    kind: "usage_warning",
    subject: reached
      ? `${about.workspace} can take no more new conversations this month`
      : `${about.workspace} has used most of this month's conversations`,
    letter: {
      paragraphs: [
        `${about.workspace} has had ${current} of the ${most} new conversations its plan allows this month.`,
        reached
          ? "Conversations that stand go on, but visitors can't start new ones until the month is over or you choose a larger plan."
          : "Once they are used up visitors can't start new ones; those that stand go on.",
      ],
      action: action(about),
    },
  };
};
