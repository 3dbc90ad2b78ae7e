import type { Config } from "../../config.ts";
import { composeMail } from "../mail/compose.ts";
import { linkTo } from "../mail/link.ts";
import type { Mail } from "../mail/queue.ts";

type Address = Pick<Config, "PUBLIC_URL" | "HOST" | "PORT">;
type Text = { subject: string; paragraphs: string[]; action: { label: string; url: string }; closing?: string[] };

// Nobody has shown whose address it really is when somebody signs up with it. So these mails bear no words that people
// choose, not even a name: they are no way to have us send a text to somebody.
const mailTo = (to: string, kind: string, { subject, paragraphs, ...rest }: Text): Mail => ({
  kind,
  to,
  subject,
  ...composeMail({ paragraphs: ["Hello,", ...paragraphs], ...rest }),
});

const confirmation = (url: string) => ({
  action: { label: "Confirm your address", url },
  closing: [
    "The link works for seven days.",
    "If you have not signed up for Parley, somebody mistyped their address. Please don't open the link: it would confirm that it was you. There is nothing else you need to do.",
  ],
});

/** To the owner of a new workspace; with a link that confirms the address where nobody has shown yet that it is theirs. */
export const welcomeMail = (config: Address, to: string, slug: string, confirmUrl?: string): Mail => {
  const desktop = linkTo(config, "");
  const here = confirmUrl === undefined ? "Open the desktop" : `Open the desktop at ${desktop}`;
  return mailTo(to, "welcome", {
    subject: "Your workspace is ready",
    paragraphs: [
      `Your workspace ${slug} is set up: it has a department called Support and an inbox for your website.`,
      `${here} to reply to your first conversation, invite colleagues and put the widget on your site.`,
      ...(confirmUrl === undefined ? [] : ["One thing is left to do: please confirm that this address is yours."]),
    ],
    ...(confirmUrl === undefined ? { action: { label: "Open the desktop", url: desktop } } : confirmation(confirmUrl)),
  });
};

/** To somebody who is signed in and has asked for a link. */
export const confirmMail = (to: string, url: string): Mail =>
  mailTo(to, "email_confirmation", {
    subject: "Confirm your address",
    paragraphs: ["Please confirm that this address, with which you sign in to Parley, is yours."],
    ...confirmation(url),
  });

/** To somebody whose address was used to sign up, with a password that is not theirs. */
export const knownAddressMail = (config: Address, to: string): Mail =>
  mailTo(to, "register_attempted", {
    subject: "You have a Parley login already",
    paragraphs: [
      "Somebody tried to sign up with your e-mail address. You have a login already, so nothing was changed.",
      "If it was you, sign in, or sign up once more with the password you have: the new workspace will then be yours too. If you have forgotten your password, choose a new one.",
    ],
    action: { label: "Sign in", url: linkTo(config, "") },
    closing: ["If it was not you, there is nothing you need to do."],
  });

export const resetMail = (to: string, url: string): Mail =>
  mailTo(to, "password_reset", {
    subject: "Choose a new password",
    paragraphs: ["Somebody, most likely you, asked for a new password for your Parley login."],
    action: { label: "Choose a new password", url },
    closing: [
      "The link works once, for one hour. If you did not ask for it, there is nothing you need to do: your password stays as it is.",
    ],
  });

/** Tells a person what has changed about their login, in case it was not they who changed it. */
export const changedMail = (config: Address, to: string, what: "password" | "factor_on" | "factor_off"): Mail => {
  const [subject, sentence] = {
    password: [
      "Your password was changed",
      "The password of your Parley login was changed, and you were signed out everywhere else.",
    ],
    factor_on: ["Your second factor is on", "Signing in to Parley now asks for a code from your authenticator app."],
    factor_off: ["Your second factor is off", "Signing in to Parley no longer asks for a code."],
  }[what] as [string, string];
  return mailTo(to, what === "password" ? "password_changed" : "second_factor_changed", {
    subject,
    paragraphs: [sentence],
    action: { label: "Open your account", url: linkTo(config, "settings/account") },
    closing: [
      "If it was not you, choose a new password at once: “Forgot password” on the sign-in page sends you a link.",
    ],
  });
};
