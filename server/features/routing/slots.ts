import { and, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { memberships, roles, tenants, users } from "../../../db/schema/index.ts";
import { Refusal } from "../../contract/errors.ts";
import type { PlanName } from "../../contract/plans.ts";
import { capacityOf, mayAnswer } from "./department.ts";

/** A locked membership as a claim sees it; `departmentCount`: what they hold of the department at hand. */
export type Holder = {
  agentId: string;
  name: string;
  active: boolean;
  mayAnswer: boolean;
  activeCount: number;
  capacity: number;
  departmentCount: number;
  capacityPerAgent: number | null;
};

/**
 * Locks memberships in the one order, so that two claims never wait for each other in a circle. Whoever holds the lock is
 * alone in changing what the member holds, so what is read after it may be counted on.
 */
export const lockMembers = (db: Db, tenantId: string, agentIds: string[]) =>
  db
    .select({ agentId: memberships.userId })
    .from(memberships)
    .where(and(eq(memberships.tenantId, tenantId), inArray(memberships.userId, agentIds)))
    .orderBy(memberships.userId)
    .for("no key update");

/** A locked member and what they hold, in all and of one department. */
export const readHolder = async (
  db: Db,
  tenantId: string,
  agentId: string,
  departmentId: string | null,
): Promise<Holder | undefined> => {
  const inDepartment = sql`SELECT count(*)::integer`;
  const [row] = await db
    .select({
      agentId: memberships.userId,
      name: users.name,
      status: memberships.status,
      role: { key: roles.key, builtIn: roles.builtIn, permissions: roles.permissions },
      activeCount: memberships.activeCount,
      capacity: memberships.capacity,
      plan: tenants.plan,
      departmentCount: sql<number>`(${inDepartment} FROM assignments a
          WHERE a.tenant_id = ${tenantId} AND a.agent_id = ${agentId} AND a.ended_at IS NULL AND a.department_id = ${departmentId}) +
        (${inDepartment} FROM offers o
          WHERE o.tenant_id = ${tenantId} AND o.agent_id = ${agentId} AND o.status = 'pending' AND o.department_id = ${departmentId})`,
      capacityPerAgent: sql<number | null>`(
        SELECT d.capacity_per_agent FROM departments d WHERE d.tenant_id = ${tenantId} AND d.id = ${departmentId})`,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .innerJoin(roles, and(eq(roles.tenantId, memberships.tenantId), eq(roles.key, memberships.role)))
    .innerJoin(tenants, eq(tenants.id, memberships.tenantId))
    .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, agentId)));
  if (!row) return undefined;
  const { status, role, plan, ...counts } = row;
  return {
    ...counts,
    active: status === "active",
    mayAnswer: mayAnswer(role, false),
    capacity: capacityOf(row.capacity, plan as PlanName),
  };
};

/**
 * Why somebody can't hold one more conversation of the department, whoever decides. Undefined: they can. `reserved`: they
 * hold a slot for this very one. `seen`: whoever is refused may see the agent, and so is told the name and the numbers.
 */
export const refusalFor = (
  holder: Holder | undefined,
  { reserved, seen }: { reserved: boolean; seen: boolean },
): Refusal | undefined => {
  if (!holder?.active) return new Refusal("not_found", "There is no such agent.");
  const { agentId, activeCount, capacity, departmentCount, capacityPerAgent } = holder;
  const name = seen ? holder.name : "This agent";
  const conflict = (what: string, numbers: object = {}) =>
    new Refusal("conflict", `${name} ${what}.`, { agentId, ...(seen && numbers) });
  if (!holder.mayAnswer) return conflict("can't answer conversations");
  if (reserved) return undefined;
  if (activeCount >= capacity)
    return conflict("already holds as many conversations as they can", { activeCount, capacity });
  if (capacityPerAgent !== null && departmentCount >= capacityPerAgent)
    return conflict("already holds the most conversations that this department allows", {
      departmentCount,
      capacityPerAgent,
    });
  return undefined;
};
