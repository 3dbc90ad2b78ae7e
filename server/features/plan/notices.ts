import { planOf } from "../../contract/plans.ts";
import type { LimitUse, Subscription } from "../../contract/workspace-routes.ts";
import type { Notice } from "../tenant/mail-admins.ts";
import { amountOf } from "../usage/ensure-within.ts";

const overLine = ({ limit, current, most }: LimitUse) => `• ${amountOf(limit, current)}, where the plan allows ${most}`;

/** What stands beyond the plan, in words; empty where nothing does. */
const aboutOver = (over: LimitUse[]): string[] =>
  over.length === 0
    ? []
    : [
        "You use more than this plan allows. Nothing is taken away, but you can't add to these until you are within the plan again:",
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
    trialing: `${about.workspace} can try ${name} until ${trialEndsAt?.slice(0, 10)}.`,
    active: trialEnded
      ? `The trial of ${about.workspace} has ended, and the workspace continues on ${name}. Choose a plan whenever you like.`
      : `${about.workspace} is on the ${name} plan now.`,
    past_due: `A payment for ${about.workspace} is due. Everything works as before; please pay soon.`,
    canceled: `The subscription of ${about.workspace} is canceled. The workspace and everything in it stay, on the ${name} plan.`,
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
      `The trial of ${plan} in ${about.workspace} ends on ${endsAt}. Choose a plan to keep what it offers; otherwise the workspace continues on the smallest plan. Nothing is deleted.`,
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
        `${about.workspace} has had ${current} of the ${most} new conversations that its plan allows this month.`,
        reached
          ? "Existing conversations continue, but visitors can't start new ones until next month or until you choose a larger plan."
          : "Once they are used up, visitors can't start new ones; existing conversations continue.",
      ],
      action: action(about),
    },
  };
};
