import { sql, type SQL } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Ctx } from "../../context.ts";
import type { Conversation } from "../../contract/entities.ts";
import { holdsWords } from "../../contract/search-words.ts";
import { presentedFor } from "./present.ts";

/** Whoever searches chooses how much is looked through: so many conversations a page, whatever comes of it. */
const lookedThrough = 500;
/** Of the last words, so many characters. */
const mostOfBody = 400;

type Looked = {
  id: string;
  key: string;
  subject: string | null;
  tags: string[];
  name: string | null;
  email: string | null;
  assignee: string | null;
  body: string | null;
};

type Listed = {
  /** The place of a row, as a cursor carries it. */
  key: SQL;
  ordered: SQL;
  where: SQL;
  limit: number;
  words: readonly string[];
};

/**
 * The next conversations of a list that hold all words in the contact's name or address, the subject, the tags, the agent's
 * name or the last thing said. Matched here rather than in SQL, since Postgres ignores accents only by an extension.
 */
export const searchPage = async (
  ctx: Ctx,
  db: Db,
  { key, ordered, where, limit, words }: Listed,
): Promise<{ conversations: Conversation[]; nextCursor: string | null }> => {
  const ofTenant = sql`tenant_id = ${ctx.tenant.id}`;
  const { rows } = await db.execute<Looked>(sql`
    SELECT s.id, s.key, s.subject, s.tags,
      (SELECT k.name FROM contacts k WHERE k.${ofTenant} AND k.id = s.contact_id) AS name,
      (SELECT k.email FROM contacts k WHERE k.${ofTenant} AND k.id = s.contact_id) AS email,
      (SELECT u.name FROM users u WHERE u.id = s.assignee_id) AS assignee,
      (SELECT left(e.body, ${mostOfBody}) FROM entries e
       WHERE e.${ofTenant} AND e.conversation_id = s.id AND e.audience = 'public' AND e.kind = 'message'
       ORDER BY e.seq DESC LIMIT 1) AS body
    FROM (
      SELECT id, contact_id, assignee_id, subject, tags, ${key} AS key,
        row_number() OVER (ORDER BY ${ordered}) AS place
      FROM conversations WHERE ${where} ORDER BY ${ordered} LIMIT ${lookedThrough}
    ) s ORDER BY s.place`);
  const hits = rows.filter(({ subject, tags, name, email, assignee, body }) =>
    holdsWords(words, [name, email, subject, assignee, body, ...tags]),
  );
  const page = hits.slice(0, limit);
  // On from the last one shown where more were found, else from the last one looked at.
  const last = hits.length > limit ? page.at(-1) : rows.length === lookedThrough ? rows.at(-1) : undefined;
  const ids = page.map(({ id }) => id);
  const { rows: shown } = await db.execute<{ id: string; conversation: Conversation }>(sql`
    SELECT id, ${presentedFor(ctx)} AS conversation FROM conversations
    WHERE ${ofTenant} AND id = ANY(${sql.param(ids)}::uuid[])`);
  const byId = new Map(shown.map(({ id, conversation }) => [id, conversation]));
  return { conversations: ids.flatMap((id) => byId.get(id) ?? []), nextCursor: last?.key ?? null };
};
