import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Waiting } from "../../contract/assignment-routes.ts";
import { type Hours, nextOpening } from "../business-hours/hours.ts";
import type { ConversationRow } from "../conversation/access.ts";
import { type Department, readDepartment } from "../routing/department.ts";
import { readFacts } from "../routing/facts.ts";
import { pick, type Picked } from "../routing/pick.ts";
import { sayExclusions, sentence } from "./words.ts";

type Around = { offeredTo: string | null; until: string | null; ahead: number; hours: Hours | null };

/** What stands around a waiting conversation: who is asked at the moment, how many come first, when the department works. */
const readAround = async (
  db: Db,
  { tenantId, id, departmentId, priority, queuedAt }: ConversationRow,
): Promise<Around> => {
  const { rows } = await db.execute<Around>(sql`
    SELECT o.name AS "offeredTo", o.until, (
        SELECT count(*)::integer FROM conversations c
        WHERE c.tenant_id = ${tenantId} AND c.department_id = ${departmentId} AND c.status = 'queued'
          AND (c.priority > ${priority} OR (c.priority = ${priority}
            AND (c.queued_at, c.id) < (${queuedAt.toISOString()}::timestamptz, ${id}::uuid)))
      ) AS ahead, (
        SELECT json_build_object('timeZone', h.time_zone, 'intervals', h.intervals, 'holidays', h.holidays)
        FROM departments d JOIN business_hours h ON h.tenant_id = d.tenant_id AND h.id = d.business_hours_id
        WHERE d.tenant_id = ${tenantId} AND d.id = ${departmentId}
      ) AS hours
    FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
      SELECT u.name, wire_time(f.expires_at) AS until FROM offers f JOIN users u ON u.id = f.agent_id
      WHERE f.tenant_id = ${tenantId} AND f.conversation_id = ${id} AND f.status = 'pending'
    ) o ON true`);
  return rows[0]!;
};

type Reason = Pick<Waiting, "reason" | "explanation">;

const aheadOf = (ahead: number) =>
  ahead === 0
    ? "nobody is ahead of it"
    : ahead === 1
      ? "one conversation is ahead of it"
      : `${ahead} conversations are ahead of it`;

/** The first reason that keeps it waiting: what would have to change before anything else matters. */
const reasonOf = (row: ConversationRow, department: Department, picked: Picked, around: Around): Reason => {
  const { name } = department;
  if (department.archived)
    return { reason: "no_department", explanation: `${name} is archived. Transfer it to another department.` };
  if (around.offeredTo !== null)
    return { reason: "offered", explanation: `It is offered to ${around.offeredTo}, who has not answered yet.` };
  if (!department.open && row.forLater)
    return { reason: "for_later", explanation: `It was left for later: ${name} is closed.` };
  if (department.strategy === "manual")
    return {
      reason: "manual",
      explanation: `In ${name} agents pick conversations themselves, and nobody has picked it.`,
    };
  if (picked.candidates.length === 0)
    return { reason: "no_members", explanation: `Nobody belongs to ${name}. Add members, or transfer it.` };
  if (picked.agentId !== undefined)
    return { reason: "in_line", explanation: sentence(`somebody is free, and ${aheadOf(around.ahead)}`) };
  const why = sayExclusions(picked.candidates);
  return department.open
    ? { reason: "nobody_free", explanation: sentence(`nobody in ${name} can take it: ${why}`) }
    : { reason: "closed", explanation: sentence(`${name} is closed, and nobody can take it: ${why}`) };
};

/**
 * Why nobody has a queued conversation at this moment: the choice is made as routing would make it now, and nothing is done.
 * `present` as presence told it just before; empty where it could not tell.
 */
export const explainWaiting = async (db: Db, row: ConversationRow, present: ReadonlySet<string>): Promise<Waiting> => {
  const since = row.queuedAt.toISOString();
  const nowhere = { since, department: null, strategy: null, opensAt: null, candidates: [] };
  const found = row.departmentId ? await readDepartment(db, row.tenantId, row.departmentId, present) : undefined;
  if (!found)
    return {
      ...nowhere,
      reason: "no_department",
      explanation: "It belongs to no department. Transfer it to one, or take it.",
    };
  const { department, candidates } = found;
  const facts = await readFacts(db, row.tenantId, [row], department.sticky);
  const picked = pick(department, candidates, facts.get(row.id)!);
  const around = await readAround(db, row);
  const opens = department.open || !around.hours ? null : nextOpening(around.hours, new Date());
  return {
    since,
    ...reasonOf(row, department, picked, around),
    department: { id: department.id, name: department.name },
    strategy: department.strategy,
    opensAt: opens?.toISOString() ?? null,
    candidates: picked.candidates,
  };
};
