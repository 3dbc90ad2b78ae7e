import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import { onTestFinished } from "vitest";
import type { Node } from "../../../server/context.ts";
import { queueMail } from "../../../server/features/mail/queue.ts";
import type { TestApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";

export type Received = { from: string; to: string[]; raw: string; mail: Email };
type Answer = { code: number; text: string } | undefined;

export type Mailbox = {
  url: string;
  received: Received[];
  /** What it answers to a recipient or to the whole of a mail, instead of taking it. */
  refuse: { recipient?: (address: string) => Answer; data?: () => Answer };
  /** While it stands, whole mails are read and not answered. */
  hold: Promise<void> | undefined;
  close: () => Promise<void>;
};

const failure = ({ code, text }: NonNullable<Answer>) => Object.assign(new Error(text), { responseCode: code });

/** A real SMTP server on a port of its own, which keeps what it is given. */
export const startMailbox = async (): Promise<Mailbox> => {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      const answer = mailbox.refuse.recipient?.(address);
      done(answer && failure(answer));
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const raw = Buffer.concat(parts).toString("utf8");
        void (async () => {
          const mail = await PostalMime.parse(raw);
          const answer = mailbox.refuse.data?.();
          if (!answer) {
            const { mailFrom, rcptTo } = session.envelope;
            mailbox.received.push({
              from: mailFrom ? mailFrom.address : "",
              to: rcptTo.map(({ address }) => address),
              raw,
              mail,
            });
          }
          await mailbox.hold;
          done(answer && failure(answer));
        })();
      });
    },
  });
  // A sender that is killed leaves in the middle of a word.
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const mailbox: Mailbox = {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received: [],
    refuse: {},
    hold: undefined,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  onTestFinished(mailbox.close);
  return mailbox;
};

/** The node's worker side, with another mail server or none. */
export const nodeWith = ({ app }: TestApp, settings: Partial<Node["config"]>): Node => ({
  ...app.node,
  config: { ...app.node.config, ...settings },
});

/** Queues a mail as an action would. */
export const write = ({ app }: TestApp, tenant: TestTenant, mail: Partial<Parameters<typeof queueMail>[2]> = {}) =>
  app.node.tenancy.withTenant(tenant.id, (db) =>
    queueMail({ db }, tenant.id, {
      kind: "test",
      to: "somebody@example.test",
      subject: "A subject",
      text: "Some words.\n",
      ...mail,
    }),
  );

export type MailRow = {
  id: string;
  recipient: string;
  text: string | null;
  html: string | null;
  attempts: number;
  last_error: string | null;
  sent_at: Date | null;
  failed_at: Date | null;
  wait: number;
};

/** The mails of a tenant, oldest first; `wait`: in how many seconds they are due. */
export const rowsOf = async ({ superuser }: TestApp, tenant: TestTenant): Promise<MailRow[]> => {
  const { rows } = await superuser.query<MailRow>(
    "SELECT *, extract(epoch FROM next_attempt_at - now())::float8 AS wait FROM mails WHERE tenant_id = $1 ORDER BY id",
    [tenant.id],
  );
  return rows;
};

/** Has every mail of a tenant that is not done with be due now. */
export const makeDue = ({ superuser }: TestApp, tenant: TestTenant) =>
  superuser.query(
    "UPDATE mails SET next_attempt_at = now() WHERE tenant_id = $1 AND sent_at IS NULL AND failed_at IS NULL",
    [tenant.id],
  );
