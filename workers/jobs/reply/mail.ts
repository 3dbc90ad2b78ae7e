import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import { type Node, systemCtx, transaction } from "../../../server/context.ts";
import { queueMail } from "../../../server/features/mail/queue.ts";
import { replyMail } from "../../../server/features/mail/texts/reply.ts";

type Unread = {
  tenantId: string;
  workspace: string;
  conversationId: string;
  email: string;
  origin: string | null;
  /** The contact has read, or been mailed, everything up to this. */
  afterSeq: number;
  repliedSeq: number;
};

// What nobody could mail for so long is no news any more.
const oldest = "6 hours";
const mostMessages = 20;
/** Who leaves an address may not be its owner: it gets no more than this in a day, whatever is written. */
const mostADay = 20;

/**
 * Conversations in which a reply has waited unread for the contact, who has left an address. They are found among those that
 * moved lately, by the index that healing reads, so that sending a message costs nothing for it. The offset keeps the look at a reply a
 * look-up for each conversation. Of several sites it isn't known which one they wrote on, and on another the conversation is
 * not theirs: then no link is better than a wrong one.
 */
const listUnread = (node: Node): Promise<Unread[]> =>
  askAcrossTenants<Unread>(
    node.tenancy,
    (tenants) => sql`
      SELECT c.tenant_id AS "tenantId", t.name AS workspace, c.id AS "conversationId", k.email,
        CASE WHEN cardinality(i.allowed_origins) = 1 THEN i.allowed_origins[1] END AS origin,
        c.replied_seq AS "repliedSeq", seen.seq AS "afterSeq"
      FROM tenants t
      JOIN conversations c ON c.tenant_id = t.id
        AND c.active_bucket >= floor(extract(epoch FROM now() - ${sql.raw(`interval '${oldest}'`)}) / 10)::integer
      JOIN contacts k ON k.tenant_id = c.tenant_id AND k.id = c.contact_id AND k.email IS NOT NULL
      LEFT JOIN inboxes i ON i.tenant_id = c.tenant_id AND i.id = c.inbox_id
      CROSS JOIN LATERAL (
        SELECT greatest(
          (SELECT r.read_seq FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id
            AND r.actor_id = c.contact_id AND r.audience = 'public'),
          (SELECT m.seq FROM reply_mails m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id), 0) AS seq
      ) seen
      WHERE t.id = ANY(${tenants}) AND t.status = 'active' AND c.kind = 'support' AND c.replied_seq > seen.seq
        AND EXISTS (
          SELECT FROM entries e WHERE e.tenant_id = c.tenant_id AND e.conversation_id = c.id AND e.audience = 'public'
            AND e.seq = c.replied_seq AND e.created_at <= now() - make_interval(secs => ${node.config.REPLY_MAIL_SECONDS}) OFFSET 0)
      LIMIT 500`,
  );

const mail = (node: Node, unread: Unread): Promise<void> =>
  transaction(systemCtx(node, { id: unread.tenantId, name: unread.workspace }), async ({ db }) => {
    const { tenantId, conversationId, email, afterSeq, repliedSeq } = unread;
    // Written with the mail, and only ever upwards: no reply is mailed twice, whoever else is about to.
    const { rowCount } = await db.execute(sql`
      INSERT INTO reply_mails (tenant_id, conversation_id, seq) VALUES (${tenantId}, ${conversationId}, ${repliedSeq})
      ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET seq = excluded.seq, mailed_at = now()
        WHERE reply_mails.seq < excluded.seq`);
    if (rowCount === 0) return;
    const { rows: mailed } = await db.execute<{ n: number }>(sql`
      SELECT count(*)::integer AS n FROM mails
      WHERE tenant_id = ${tenantId} AND recipient = ${email} AND kind = 'reply' AND created_at > now() - interval '1 day'`);
    if (mailed[0]!.n >= mostADay) return;
    const { rows: messages } = await db.execute<{ name: string | null; body: string }>(sql`
      SELECT author_name AS name, body FROM entries
      WHERE tenant_id = ${tenantId} AND conversation_id = ${conversationId} AND audience = 'public'
        AND seq > ${afterSeq} AND seq <= ${repliedSeq} AND kind = 'message' AND author_kind = 'agent' AND deleted_at IS NULL
      ORDER BY seq LIMIT ${mostMessages}`);
    if (messages.length > 0) await queueMail({ db }, tenantId, replyMail({ to: email, ...unread, messages }));
  });

/** Mails contacts who left an address the replies that they have not read. */
export const mailReplies = async (node: Node): Promise<void> => {
  for (const unread of await listUnread(node))
    await mail(node, unread).catch((error: unknown) =>
      node.log.warn({ err: error, tenantId: unread.tenantId }, "a reply is left to the next round"),
    );
};
