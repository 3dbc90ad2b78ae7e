import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { canAnswer, permissionsOf } from "../../contract/permissions.ts";
import { planOf, type PlanName } from "../../contract/plans.ts";
import type { Candidate, Exclusion } from "../../contract/routing.ts";
import { type Hours, isOpenAt } from "../business-hours/hours.ts";
import { joinMembership } from "../department/membership-of.ts";
import type { Policy } from "./pick.ts";

/** A department as routing sees it at one moment. */
export type Department = Policy & {
  id: string;
  name: string;
  version: number;
  offerSeconds: number | null;
  turn: number;
  /** Whether it is open now; always, where it has no business hours. */
  open: boolean;
  archived: boolean;
};

type Row = Omit<Department, "open"> & { plan: PlanName; hours: Hours | null; now: string; members: Member[] };

type Member = {
  agentId: string;
  name: string;
  status: string;
  availability: string;
  role: { key: string; builtIn: boolean; permissions: string[] };
  activeCount: number;
  capacity: number;
  departmentCount: number;
  lastTurn: number;
  skills: Record<string, number>;
};

// Both counts are read through an index of what runs, so that they cost what runs and not what ever was.
const members = sql`
  SELECT json_agg(json_build_object(
    'agentId', m.user_id, 'name', u.name, 'status', m.status, 'availability', m.availability,
    'role', json_build_object('key', r.key, 'builtIn', r.built_in, 'permissions', r.permissions),
    'activeCount', m.active_count, 'capacity', m.capacity, 'lastTurn', dm.last_turn, 'skills', m.skills,
    'departmentCount', (
      SELECT count(*) FROM assignments a
      WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id AND a.ended_at IS NULL AND a.department_id = d.id
    ) + (
      SELECT count(*) FROM offers o
      WHERE o.tenant_id = m.tenant_id AND o.agent_id = m.user_id AND o.status = 'pending' AND o.department_id = d.id
    )
  ) ORDER BY m.user_id)
  FROM department_members dm ${joinMembership}
  JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
  JOIN users u ON u.id = m.user_id
  WHERE dm.tenant_id = d.tenant_id AND dm.department_id = d.id`;

/** How many a member may hold in all: what they were given, and no more than the plan allows. */
export const capacityOf = (capacity: number, plan: PlanName): number =>
  Math.min(capacity, planOf(plan).limits.openConversationsPerAgent ?? Infinity);

/** Whether a role can hold conversations, and answer offers where the department makes them. */
export const mayAnswer = (role: Member["role"], offers: boolean): boolean => {
  const held = permissionsOf(role);
  return canAnswer(held) && (!offers || held.includes("offer.answer"));
};

const lastingExclusion = (member: Member, present: ReadonlySet<string>, offers: boolean): Exclusion | undefined => {
  if (member.status !== "active") return "deactivated";
  if (!mayAnswer(member.role, offers)) return "may_not_answer";
  if (!present.has(member.agentId)) return "offline";
  return member.availability === "available" ? undefined : "away";
};

/**
 * A department and all its members as candidates, with what excludes them whatever the policy. Read once without locks to
 * see whether there is anything to do, and again with the memberships locked to decide by.
 */
export const readDepartment = async (
  db: Db,
  tenantId: string,
  departmentId: string,
  present: ReadonlySet<string>,
): Promise<{ department: Department; candidates: Candidate[] } | undefined> => {
  const { rows } = await db.execute<Row>(sql`
    SELECT d.id, d.name, d.strategy, d.routing_version AS version, d.sticky, d.capacity_per_agent AS "capacityPerAgent",
      d.offer_seconds AS "offerSeconds", d.skills, d.turn, d.archived_at IS NOT NULL AS archived, t.plan, now()::text AS now,
      (SELECT json_build_object('timeZone', h.time_zone, 'intervals', h.intervals, 'holidays', h.holidays)
       FROM business_hours h WHERE h.tenant_id = d.tenant_id AND h.id = d.business_hours_id) AS hours,
      coalesce((${members}), '[]') AS members
    FROM departments d JOIN tenants t ON t.id = d.tenant_id
    WHERE d.tenant_id = ${tenantId} AND d.id = ${departmentId}`);
  if (!rows[0]) return undefined;
  const { plan, hours, now, members: all, ...department } = rows[0];
  const candidates = all.map((member): Candidate => {
    const { agentId, name, activeCount, capacity, departmentCount, lastTurn, skills } = member;
    const excluded = lastingExclusion(member, present, department.offerSeconds !== null);
    return {
      agentId,
      name,
      activeCount,
      capacity: capacityOf(capacity, plan),
      departmentCount,
      lastTurn,
      ...(Object.keys(skills).length > 0 && { skills }),
      ...(excluded && { excluded }),
    };
  });
  // A rule written without the contract's defaults means them.
  const skills = department.skills.map((rule) => ({
    ...rule,
    level: rule.level ?? 1,
    required: rule.required ?? true,
  }));
  return { department: { ...department, skills, open: hours === null || isOpenAt(hours, new Date(now)) }, candidates };
};
