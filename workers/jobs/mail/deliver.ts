import { sql } from "drizzle-orm";
import { listTenantIds } from "../../../db/across-tenants.ts";
import type { Database } from "../../../db/tenancy.ts";
import type { Node } from "../../../server/context.ts";
import { publicAddress } from "../../../server/features/mail/link.ts";
import { isFinal, lanes, type Mailer, openMailer, type SendableMail } from "./send.ts";

type Claimed = SendableMail & { tenantId: string; kind: string; attempts: number };

/** How long to wait after the first failure, the second, and so on; after the last the mail is given up. A day in all. */
const backoffSeconds = [30, 120, 600, 1_800, 7_200, 21_600, 57_600];
/** A mail is its sender's for so long. One who dies with it in hand leaves it to others then. */
const leaseSeconds = 120;
const perRound = lanes * 2;
const longestRunMs = 60_000;
const longestErrorCharacters = 300;

/**
 * Takes mails that are due: at most one of each tenant, so that nobody's thousands hold up another's one. What is taken
 * counts as an attempt at once: a mail that brings its sender down does so a limited number of times.
 */
const claim = async (node: Node, database: Database, tenantIds: string[]): Promise<Claimed[]> => {
  const { rows } = await node.tenancy.withTenants(database, tenantIds, (db) =>
    db.execute<Claimed>(sql`
      WITH due AS (
        SELECT head.tenant_id, head.id FROM unnest(${sql.param(tenantIds)}::uuid[]) AS t(id), LATERAL (
          SELECT tenant_id, id FROM mails WHERE tenant_id = t.id AND next_attempt_at <= now()
          ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
        ) head ORDER BY random() LIMIT ${perRound}
      )
      UPDATE mails m SET attempts = m.attempts + 1, next_attempt_at = now() + make_interval(secs => ${leaseSeconds})
      FROM due WHERE m.tenant_id = due.tenant_id AND m.id = due.id
      RETURNING m.tenant_id AS "tenantId", m.id, m.kind, m.recipient, m.subject, m.text, m.html, m.attempts`),
  );
  return rows;
};

/** A mail that is done with keeps no words, since they may hold a link that opens a door, and is never due again. */
const finish = (node: Node, { tenantId, id }: Claimed, failure?: string) =>
  node.tenancy.withTenant(tenantId, (db) =>
    db.execute(sql`
      UPDATE mails SET text = NULL, html = NULL, next_attempt_at = 'infinity', last_error = ${failure ?? null},
        ${sql.raw(failure === undefined ? "sent_at" : "failed_at")} = now()
      WHERE tenant_id = ${tenantId} AND id = ${id} AND sent_at IS NULL AND failed_at IS NULL`),
  );

const putOff = (node: Node, { tenantId, id, attempts }: Claimed, failure: string) =>
  node.tenancy.withTenant(tenantId, (db) =>
    db.execute(sql`
      UPDATE mails SET last_error = ${failure},
        next_attempt_at = now() + make_interval(secs => ${backoffSeconds[attempts - 1]!} * (0.9 + 0.2 * random()))
      WHERE tenant_id = ${tenantId} AND id = ${id} AND sent_at IS NULL AND failed_at IS NULL`),
  );

const sendOne = async (node: Node, mailer: Mailer, mail: Claimed): Promise<void> => {
  const { log } = node;
  const about = { tenantId: mail.tenantId, mailId: mail.id, kind: mail.kind, attempt: mail.attempts };
  if (mail.attempts > backoffSeconds.length + 1) {
    // Each sender before died with it in hand.
    await finish(node, mail, "no sender came back from it");
    return log.error(about, "a mail was given up");
  }
  try {
    await mailer.send(mail);
  } catch (error) {
    const failure = (error instanceof Error ? error.message : String(error)).slice(0, longestErrorCharacters);
    const isOver = isFinal(error) || mail.attempts > backoffSeconds.length;
    await (isOver ? finish(node, mail, failure) : putOff(node, mail, failure));
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    return log[isOver ? "error" : "warn"](
      { ...about, code, responseCode },
      isOver ? "a mail was given up" : "a mail must wait",
    );
  }
  await finish(node, mail);
  log.info(about, "a mail was sent");
};

/** Sends a round of mails, some at once. Resolves when each is accounted for. */
const sendAll = async (node: Node, mailer: Mailer, mails: Claimed[]): Promise<void> => {
  const waiting = [...mails];
  const lane = async () => {
    for (let mail = waiting.shift(); mail; mail = waiting.shift())
      // A database that is away in the middle is one mail's trouble: its lease runs out.
      await sendOne(node, mailer, mail).catch((error: unknown) => node.log.warn({ err: error }, "a mail is in doubt"));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};

/** Without a mail server the demo shows its mails at /outbox, so they are told there and stay readable. */
const showInOutbox = async (node: Node, mails: Claimed[]): Promise<void> => {
  for (const { tenantId, id, kind } of mails) {
    await node.tenancy.withTenant(tenantId, (db) =>
      db.execute(sql`
        UPDATE mails SET sent_at = now(), next_attempt_at = 'infinity' WHERE tenant_id = ${tenantId} AND id = ${id}`),
    );
    node.log.info({ tenantId, mailId: id, kind, outbox: `${publicAddress(node.config)}/outbox` }, "a mail can be read");
  }
};

/**
 * Sends what is due. Twice at once it sends nothing twice; a worker that dies in the middle of a mail leaves it to be sent
 * once more, under the same Message-ID. Without a mail server, and outside the demo, mails wait for one.
 */
export const deliverMail = async (node: Node): Promise<void> => {
  const { SMTP_URL, DEMO } = node.config;
  if (SMTP_URL === undefined && !DEMO) return;
  const end = Date.now() + longestRunMs;
  let mailer: Mailer | undefined;
  try {
    for (const database of node.tenancy.databases()) {
      const tenantIds = await listTenantIds(database);
      while (tenantIds.length > 0 && Date.now() < end) {
        const mails = await claim(node, database, tenantIds);
        if (mails.length === 0) break;
        if (SMTP_URL === undefined) await showInOutbox(node, mails);
        else await sendAll(node, (mailer ??= openMailer(SMTP_URL, node.config)), mails);
      }
    }
  } finally {
    mailer?.close();
  }
};
