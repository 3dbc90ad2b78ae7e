import { sql } from "drizzle-orm";
import type { Middleware } from "koa";
import { askAcrossTenants } from "../../db/across-tenants.ts";
import type { Node } from "../context.ts";
import { linkify } from "../contract/links.ts";
import { escapeHtml } from "../features/mail/compose.ts";
import { answerWrongMethod } from "./errors.ts";
import { isAskedFromHere } from "./from-here.ts";

type OutboxMail = { id: string; kind: string; to: string; subject: string; text: string; createdAt: string };

const mostShown = 100;
const isOutbox = /^\/outbox(\.json)?$/u;

/** The newest mails of all workspaces that still have their words. */
const listMails = async (node: Node, recipient: string | undefined): Promise<OutboxMail[]> => {
  const found = await askAcrossTenants<OutboxMail>(
    node.tenancy,
    (tenants) => sql`
      SELECT id, kind, recipient AS "to", subject, text, wire_time(created_at) AS "createdAt" FROM mails
      WHERE tenant_id = ANY(${tenants}) AND text IS NOT NULL AND (${recipient ?? null}::text IS NULL OR lower(recipient) = lower(${recipient ?? null}))
      ORDER BY created_at DESC, id DESC LIMIT ${mostShown}`,
  );
  return found.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, mostShown);
};

const linked = (text: string): string =>
  linkify(text)
    .map(({ text: part, href }) => (href ? `<a href="${escapeHtml(href)}">${escapeHtml(part)}</a>` : escapeHtml(part)))
    .join("");

const article = ({ to, subject, text, createdAt }: OutboxMail): string => `<article>
<h2>${escapeHtml(subject)}</h2>
<p class="meta">To ${escapeHtml(to)} · <time datetime="${createdAt}">${createdAt.slice(0, 19).replace("T", " ")} UTC</time></p>
<pre>${linked(text)}</pre>
</article>`;

const page = (mails: OutboxMail[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Outbox</title>
<style>
body { margin: 0 auto; padding: 24px 16px; max-width: 760px; font: 15px/1.5 system-ui, sans-serif; background: #f4f5f6; color: #1d2327 }
article { margin: 16px 0; padding: 16px 20px; background: #fff; border-radius: 8px }
h2 { margin: 0; font-size: 17px } .meta { margin: 4px 0 12px; color: #5c6670 }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
</style></head><body>
<h1>Outbox</h1>
<p>No mail server is configured, so mails are kept here instead of being sent. Set SMTP_URL to send them.</p>
${mails.map(article).join("\n") || "<p>There is no mail yet.</p>"}
</body></html>
`;

/**
 * `/outbox` and `/outbox.json?to=…`: the demo's mails, where nothing sends them, so that invitations and password links can
 * be tried. These mails open everybody's doors: they are for who sits at this machine, and exist nowhere else.
 */
export const serveOutbox = (node: Node): Middleware => {
  const { DEMO, SMTP_URL, TRUSTED_PROXIES } = node.config;
  return async (ctx, next) => {
    if (!DEMO || SMTP_URL !== undefined || !isOutbox.test(ctx.path) || !isAskedFromHere(ctx, TRUSTED_PROXIES))
      return next();
    if (ctx.method !== "GET" && ctx.method !== "HEAD") return answerWrongMethod(ctx, ["GET", "HEAD"]);
    ctx.set("Cache-Control", "no-store");
    const { to } = ctx.query;
    const mails = await listMails(node, typeof to === "string" ? to.replaceAll("\0", "") : undefined);
    if (ctx.path.endsWith(".json")) ctx.body = { data: mails };
    else {
      ctx.type = "html";
      ctx.body = page(mails);
    }
  };
};
