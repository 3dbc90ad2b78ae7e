import { createTransport } from "nodemailer";
import type { Config } from "../../../server/config.ts";

export type SendableMail = { id: string; recipient: string; subject: string; text: string | null; html: string | null };

/** Sends mails until it is closed. `send` throws what the mail server answered. */
export type Mailer = { send: (mail: SendableMail) => Promise<void>; close: () => void };

/** How many mails are on their way at once. */
export const lanes = 3;
const patienceMs = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

// One plain address: no list, no group, no line break, no display name. What else would a stranger's mail go to?
const oneAddress = /^[^\s@,;:<>"()[\]\\\p{Cc}]+@[^\s@,;:<>"()[\]\\\p{Cc}]+$/u;

/** Thrown for a mail that can never be sent. */
export class Undeliverable extends Error {}

/** Whether trying again can't help: the server has refused this very mail, and not us or everything. */
export const isFinal = (error: unknown): boolean => {
  if (error instanceof Undeliverable) return true;
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  return responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");
};

/** Opens connections to the mail server as they are needed. */
export const openMailer = (smtpUrl: string, { MAIL_FROM }: Pick<Config, "MAIL_FROM">): Mailer => {
  const [, sendingHost = "localhost"] = /@([a-z0-9.-]+)>?\s*$/iu.exec(MAIL_FROM) ?? [];
  const transport = createTransport({ url: smtpUrl, pool: true, maxConnections: lanes, ...patienceMs });
  return {
    send: async ({ id, recipient, subject, text, html }) => {
      if (!oneAddress.test(recipient)) throw new Undeliverable("the recipient is no single address");
      if (text === null) throw new Undeliverable("the mail has no text");
      await transport.sendMail({
        from: MAIL_FROM,
        to: { name: "", address: recipient },
        subject,
        text,
        ...(html !== null && { html }),
        // The same at every try, so that a mailbox can tell a mail it has already from a new one.
        messageId: `<${id}@${sendingHost}>`,
        headers: { "Auto-Submitted": "auto-generated" },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    },
    close: () => transport.close(),
  };
};
