import type pg from "pg";

const listTables = async (superuser: pg.Pool): Promise<string[]> => {
  const { rows } = await superuser.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
  );
  return rows.map(({ name }) => name);
};

/** Every row of every table as text: what nobody may have changed is the same afterwards. */
export const snapshot = async (superuser: pg.Pool): Promise<Record<string, string[]>> => {
  const tables: Record<string, string[]> = {};
  for (const name of await listTables(superuser)) {
    const { rows } = await superuser.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
    tables[name] = rows.map(({ row }) => row);
  }
  return tables;
};

/** The rows that came, went or changed since `before`. */
export const changesSince = async (superuser: pg.Pool, before: Record<string, string[]>): Promise<string[]> => {
  const after = await snapshot(superuser);
  return Object.entries(after).flatMap(([table, rows]) => {
    const [old, now] = [new Set(before[table]), new Set(rows)];
    return [
      ...[...old].filter((row) => !now.has(row)).map((row) => `- ${table} ${row}`),
      ...[...now].filter((row) => !old.has(row)).map((row) => `+ ${table} ${row}`),
    ];
  });
};

/** The tables in which a word stands anywhere. */
export const tablesWith = async (superuser: pg.Pool, word: string): Promise<string[]> =>
  Object.entries(await snapshot(superuser)).flatMap(([table, rows]) =>
    rows.some((row) => row.includes(word)) ? [table] : [],
  );

export type Load = { agentId: string; capacity: number; activeCount: number; running: number; held: number };

/**
 * What each agent of a tenant carries, told three ways that must agree: the counter that routing reads, the assignments
 * that run, and the conversations that name the agent and are not over.
 */
export const loads = async (superuser: pg.Pool, tenantId: string): Promise<Load[]> => {
  const { rows } = await superuser.query<Load>(
    `SELECT m.user_id AS "agentId", m.capacity, m.active_count AS "activeCount",
       (SELECT count(*)::int FROM assignments a
        WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id AND a.ended_at IS NULL) AS running,
       (SELECT count(*)::int FROM conversations c
        WHERE c.tenant_id = m.tenant_id AND c.assignee_id = m.user_id AND c.status NOT IN ('resolved', 'archived')) AS held
     FROM memberships m WHERE m.tenant_id = $1 ORDER BY m.user_id`,
    [tenantId],
  );
  return rows;
};

/** What an agent carries, once it is certain that all three accounts agree. */
export const loadOf = async (superuser: pg.Pool, tenantId: string, agentId: string): Promise<number> => {
  const load = (await loads(superuser, tenantId)).find((one) => one.agentId === agentId);
  if (!load || load.activeCount !== load.running || load.running !== load.held || load.held > load.capacity)
    throw new Error(`The load does not add up: ${JSON.stringify(load)}`);
  return load.held;
};

/** The assignments of a conversation, the oldest first. */
export const assignmentsOf = async (superuser: pg.Pool, conversationId: string) => {
  const { rows } = await superuser.query<{
    agentId: string;
    running: boolean;
    endReason: string | null;
    decision: { trigger: string; strategy: string; candidates: { agentId: string }[] };
  }>(
    `SELECT agent_id AS "agentId", ended_at IS NULL AS running, end_reason AS "endReason", decision
     FROM assignments WHERE conversation_id = $1 ORDER BY started_at, id`,
    [conversationId],
  );
  return rows;
};

/** Writes `count` further public messages of the contact, as if they had been said: for timelines too long to say. */
export const fillTimeline = async (
  superuser: pg.Pool,
  conversationId: string,
  count: number,
  body = "message",
): Promise<void> => {
  await superuser.query(
    `INSERT INTO entries (tenant_id, conversation_id, audience, seq, id, kind, author_kind, author_id, client_id, body)
     SELECT tenant_id, id, 'public', public_seq + n, gen_random_uuid(), 'message', 'contact', contact_id, 'filled-' || n,
       $3 || ' ' || n
     FROM conversations, generate_series(1, $2) AS n WHERE id = $1`,
    [conversationId, count, body],
  );
  await superuser.query("UPDATE conversations SET public_seq = public_seq + $2 WHERE id = $1", [conversationId, count]);
};
