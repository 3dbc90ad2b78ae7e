import { composeMail, nameInMail } from "../compose.ts";
import type { Mail } from "../queue.ts";

type Words = { to: string; inviter: string; workspace: string; roleName: string; url: string; days: number };

/** Asks somebody into a workspace. */
export const invitationMail = ({ to, url, days, ...names }: Words): Mail => {
  const [inviter, workspace, roleName] = [names.inviter, names.workspace, names.roleName].map(nameInMail);
  return {
    kind: "invitation",
    to,
    subject: `${inviter} invites you to ${workspace}`,
    ...composeMail({
      paragraphs: ["Hello,", `${inviter} invites you to join ${workspace} on Parley as ${roleName}.`],
      action: { label: "Accept the invitation", url },
      closing: [
        `The link is for you alone and works for ${days} days.`,
        "If you did not expect this, you can ignore this mail: nothing happens until you accept.",
      ],
    }),
  };
};
