import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { conversations } from "../../../db/schema/index.ts";
import type { Candidate, SkillRule } from "../../contract/routing.ts";
import type { ConversationRow } from "../conversation/access.ts";
import type { Department } from "./department.ts";
import { exclusionOf, meets, rulesFor } from "./pick.ts";

/** A place in a queue: what stands behind it is yet to be looked at. */
export type Place = Pick<ConversationRow, "priority" | "queuedAt" | "id">;

/** How long somebody who has just passed a conversation on is left in peace with it, where nobody else could take it. */
export const restMs = 2_000;

const asks = ({ when }: SkillRule): SQL =>
  when ? sql`(fields ->> ${when.field}) IS NOT DISTINCT FROM ${when.equals}` : sql`true`;

/**
 * SQL: conversations of a department that somebody of `candidates` could take: those that ask for nothing that each of them
 * lacks. So a queue of thousands that wait for a rare skill is passed over by the database, not fetched. Undefined: no filter.
 */
const withinReach = (department: Department, candidates: readonly Candidate[]): SQL | undefined => {
  if (department.strategy !== "skills") return undefined;
  const required = department.skills.filter(({ required }) => required);
  const lacking = new Map<string, SkillRule[]>();
  for (const candidate of candidates) {
    const lacks = required.filter((rule) => !meets(candidate, rule));
    if (lacks.length === 0) return undefined;
    lacking.set(lacks.map((rule) => required.indexOf(rule)).join(), lacks);
  }
  const reaches = [...lacking.values()].map((lacks) => sql`NOT (${sql.join(lacks.map(asks), sql` OR `)})`);
  return reaches.length > 0 ? sql`(${sql.join(reaches, sql` OR `)})` : sql`false`;
};

const waiting = (tenantId: string, department: Department, candidates: readonly Candidate[], after?: Place) =>
  and(
    eq(conversations.tenantId, tenantId),
    eq(conversations.departmentId, department.id),
    // In the words of the index, since a plan that is kept knows no values.
    sql`${conversations.status} = 'queued'`,
    // A message left for later is for when the department opens.
    department.open ? undefined : eq(conversations.forLater, false),
    sql`NOT EXISTS (
      SELECT FROM offers o
      WHERE o.tenant_id = ${conversations.tenantId} AND o.conversation_id = ${conversations.id} AND o.status = 'pending')`,
    withinReach(department, candidates),
    after &&
      sql`(${conversations.priority} < ${after.priority} OR (${conversations.priority} = ${after.priority}
        AND (${conversations.queuedAt}, ${conversations.id}) > (${after.queuedAt.toISOString()}, ${after.id})))`,
  );

// The order of the index `conversations_queue`.
const inOrder = [sql`${conversations.priority} DESC`, asc(conversations.queuedAt), asc(conversations.id)];

/** Who could take any conversation of the department at all. */
export const takersOf = (department: Department, candidates: readonly Candidate[]): Candidate[] => {
  const always = rulesFor(department, null);
  return candidates.filter((candidate) => exclusionOf(department, candidate, always) === undefined);
};

/** Whether anything stands in a department's queue that could go to somebody. */
export const anyWaiting = async (
  db: Db,
  tenantId: string,
  department: Department,
  takers: readonly Candidate[],
): Promise<boolean> => {
  const found = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(waiting(tenantId, department, takers))
    .orderBy(...inOrder)
    .limit(1);
  return found.length > 0;
};

/**
 * The first conversations of a department's queue that could go to somebody, locked. What others hold locked at the moment is
 * passed over; `passedOver` says that there was some, so that the caller looks again.
 */
export const lockQueue = async (
  db: Db,
  tenantId: string,
  department: Department,
  options: { takers: readonly Candidate[]; most: number; after: Place | undefined },
): Promise<{ rows: ConversationRow[]; passedOver: boolean }> => {
  const { takers, most, after } = options;
  const where = waiting(tenantId, department, takers, after);
  const rows = await db
    .select()
    .from(conversations)
    .where(where)
    .orderBy(...inOrder)
    .limit(most)
    .for("no key update", { skipLocked: true });
  if (rows.length === most) return { rows, passedOver: false };
  const there = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(where)
    .orderBy(...inOrder)
    .limit(most);
  return { rows, passedOver: there.length > rows.length };
};

/** Those of the departments in which anybody waits, the lowest position first; departments where agents pick are left out. */
export const listWaiting = async (db: Db, tenantId: string, departmentIds: string[]): Promise<string[]> => {
  const { rows } = await db.execute<{ id: string }>(sql`
    SELECT d.id FROM departments d
    WHERE d.tenant_id = ${tenantId} AND d.id = ANY(${sql.param(departmentIds)}::uuid[])
      AND d.strategy <> 'manual' AND d.archived_at IS NULL
      AND EXISTS (SELECT FROM conversations c WHERE c.tenant_id = d.tenant_id AND c.department_id = d.id AND c.status = 'queued')
    ORDER BY d.position, d.id`);
  return rows.map(({ id }) => id);
};
