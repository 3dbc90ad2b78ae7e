import { composeMail } from "../compose.ts";
import type { Mail } from "../queue.ts";

type Words = { to: string; inviter: string; workspace: string; roleName: string; url: string; days: number };

/** Asks somebody into a workspace. */
export const invitationMail = ({ to, inviter, workspace, roleName, url, days }: Words): Mail => ({
  kind: "invitation",
  to,
  subject: `${inviter} invites you to ${workspace}`,
  ...composeMail({
    paragraphs: ["Hello,", `${inviter} invites you to join ${workspace} on Parley as ${roleName}.`],
    action: { label: "Accept the invitation", url },
    closing: [
      `The link is yours alone and holds for ${days} days.`,
      "If you did not expect this, you can ignore this mail: nothing happens until you accept.",
    ],
  }),
});
