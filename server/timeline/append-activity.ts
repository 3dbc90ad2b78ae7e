import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Db } from "../../db/client.ts";
import type { Activity, Audience, Author, Entry } from "../contract/entities.ts";
import { type AnyCtx, authorOf, type Tx } from "../context.ts";
import { type Answer, type Appended, keysOf, type Message, present, toRow } from "./append.ts";

/** Bucket of ten seconds, as `conversations.active_bucket` counts them. */
export const presentBucket = sql`floor(extract(epoch FROM clock_timestamp()) / 10)::integer`;

/**
 * Appends an activity in an action's transaction and publishes it after the commit. The conversation's row must exist
 * and is locked by this.
 */
export const appendActivity = async (
  ctx: AnyCtx,
  tx: Tx,
  conversationId: string,
  audience: Audience,
  activity: Activity,
  author: Author = authorOf(ctx.actor),
): Promise<Entry> => {
  const counter = sql.identifier(audience === "public" ? "public_seq" : "internal_seq");
  const { rows } = await tx.db.execute<{ entry: Entry }>(sql`
    WITH bumped AS (
      UPDATE conversations SET ${counter} = ${counter} + 1, updated_at = now(), active_bucket = ${presentBucket}
      WHERE tenant_id = ${ctx.tenant.id} AND id = ${conversationId}
      RETURNING ${counter} AS seq
    )
    INSERT INTO entries (tenant_id, conversation_id, audience, seq, id, kind, author_kind, author_id, author_name, activity)
    SELECT ${ctx.tenant.id}, ${conversationId}, ${audience}, seq, ${uuidv7()}, 'activity', ${author.kind}, ${author.id ?? null},
      ${author.name ?? null}, ${JSON.stringify(activity)}::jsonb
    FROM bumped
    RETURNING present_entry(entries.*) AS entry`);
  const { entry } = rows[0]!;
  tx.afterCommit(() => ctx.node.publish.entry(ctx.tenant.id, entry));
  return entry;
};

/** Appends one message in a transaction, by the statement the group commit uses. Publishing is the caller's. */
export const appendMessageIn = async (db: Db, message: Message): Promise<Appended> => {
  const id = uuidv7();
  const row = toRow(message, 0, id);
  const [tenants, owners, touched] = keysOf([row]);
  const { rows } = await db.execute<{ r: Answer }>(
    sql`SELECT append_entries(${JSON.stringify([row])}, ${tenants}, ${owners}, ${touched}) AS r`,
  );
  const { at, rows: answers } = rows[0]!.r;
  const [, verdict, seq, head, woke, stored] = answers[0]!;
  const entry = stored ?? present({ message, id }, seq ?? 0, at);
  return { verdict, entry, headSeq: head ?? entry.seq, woke };
};
