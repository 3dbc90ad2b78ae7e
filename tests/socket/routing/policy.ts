import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { TestTenant } from "../../support/tenant.ts";

type Value = string | number | boolean | null | object;

const columns = (changes: Record<string, Value>): string =>
  Object.keys(changes)
    .map((column, i) => `${column} = $${i + 3}`)
    .join(", ");

const values = (changes: Record<string, Value>) =>
  Object.values(changes).map((value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : value));

/** Changes columns of a tenant's department, by default of the one its inbox routes to. */
export const setPolicy = async (
  superuser: pg.Pool,
  { id, departmentId }: TestTenant,
  changes: Record<string, Value>,
  department = departmentId,
): Promise<void> => {
  await superuser.query(`UPDATE departments SET ${columns(changes)} WHERE tenant_id = $1 AND id = $2`, [
    id,
    department,
    ...values(changes),
  ]);
};

/** Changes columns of an agent's membership. */
export const setMember = async (
  superuser: pg.Pool,
  { id }: TestTenant,
  agentId: string,
  changes: Record<string, Value>,
): Promise<void> => {
  await superuser.query(`UPDATE memberships SET ${columns(changes)} WHERE tenant_id = $1 AND user_id = $2`, [
    id,
    agentId,
    ...values(changes),
  ]);
};

/** A further department with these members. */
export const addDepartment = async (
  superuser: pg.Pool,
  { id }: TestTenant,
  memberIds: string[],
  more: { strategy?: string; position?: number } = {},
): Promise<string> => {
  const departmentId = randomUUID();
  await superuser.query(
    "INSERT INTO departments (tenant_id, id, name, strategy, position) VALUES ($1, $2, $3, $4, $5)",
    [id, departmentId, `Department ${departmentId.slice(0, 8)}`, more.strategy ?? "least_loaded", more.position ?? 0],
  );
  for (const memberId of memberIds)
    await superuser.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
      id,
      departmentId,
      memberId,
    ]);
  return departmentId;
};

/** Conversations that wait in a department, written straight into the tables: nobody has been told of them. */
export const leaveWaiting = async (
  superuser: pg.Pool,
  { id, departmentId }: TestTenant,
  contactId: string,
  count: number,
  changes: { departmentId?: string; fields?: Record<string, string>; priority?: number; forLater?: boolean } = {},
): Promise<string[]> => {
  const { rows } = await superuser.query<{ id: string }>(
    `INSERT INTO conversations (tenant_id, id, status, department_id, contact_id, fields, priority, for_later, active_bucket, queued_at)
     SELECT $1, gen_random_uuid(), 'queued', $2, $3, $4, $5, $6, 0, now() - interval '1 hour' + n * interval '1 second'
     FROM generate_series(1, $7) AS n RETURNING id, queued_at`,
    [
      id,
      changes.departmentId ?? departmentId,
      contactId,
      changes.fields ? JSON.stringify(changes.fields) : null,
      changes.priority ?? 0,
      changes.forLater ?? false,
      count,
    ],
  );
  return rows.map((row) => row.id);
};

/** Every assignment of a tenant in the order in which they began. */
export const historyOf = async (superuser: pg.Pool, tenantId: string) => {
  const { rows } = await superuser.query<{
    conversationId: string;
    agentId: string;
    trigger: string;
    strategy: string;
    running: boolean;
  }>(
    `SELECT conversation_id AS "conversationId", agent_id AS "agentId", decision ->> 'trigger' AS trigger,
       decision ->> 'strategy' AS strategy, ended_at IS NULL AS running
     FROM assignments WHERE tenant_id = $1 ORDER BY started_at, id`,
    [tenantId],
  );
  return rows;
};

/** Offers of a conversation, the oldest first. */
export const offersOf = async (superuser: pg.Pool, conversationId: string) => {
  const { rows } = await superuser.query<{ agentId: string; status: string; reason: string | null }>(
    `SELECT agent_id AS "agentId", status, reason FROM offers WHERE conversation_id = $1 ORDER BY offered_at, id`,
    [conversationId],
  );
  return rows;
};

/** How many slots an agent has taken, offers among them. */
export const slotsOf = async (superuser: pg.Pool, tenantId: string, agentId: string): Promise<number> => {
  const { rows } = await superuser.query<{ n: number }>(
    "SELECT active_count AS n FROM memberships WHERE tenant_id = $1 AND user_id = $2",
    [tenantId, agentId],
  );
  return rows[0]!.n;
};
