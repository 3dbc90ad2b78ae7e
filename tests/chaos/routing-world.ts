import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { Strategy } from "../../server/contract/routing.ts";
import type { Random } from "../support/random.ts";
import { addAgent, createTenant } from "../support/tenant.ts";
import type { TestAgent, TestTenant } from "../support/tenant.ts";

/** How the departments of a busy company differ: every strategy, and some that ask before they give. */
const kinds: { strategy: Strategy; offerSeconds?: number; capacityPerAgent?: number; skills?: object[] }[] = [
  { strategy: "least_loaded" },
  { strategy: "round_robin" },
  { strategy: "spare_capacity", offerSeconds: 2 },
  { strategy: "skills", skills: [{ skill: "plants", level: 2, required: true }] },
  { strategy: "round_robin", offerSeconds: 3 },
  { strategy: "least_loaded", capacityPerAgent: 2 },
];

export type RoutingWorld = { tenant: TestTenant; departmentIds: string[]; agents: TestAgent[] };

/** A company with departments of every kind; each agent belongs to one or two of them. */
export const settleCompany = async (
  superuser: pg.Pool,
  random: Random,
  { agents: count, departments }: { agents: number; departments: number },
): Promise<RoutingWorld> => {
  const tenant = await createTenant(superuser, { roles: [], strategy: "manual" });
  const departmentIds: string[] = [];
  for (let i = 0; i < departments; i += 1) {
    const id = randomUUID();
    const { strategy, offerSeconds = null, capacityPerAgent = null, skills = [] } = kinds[i % kinds.length]!;
    await superuser.query(
      `INSERT INTO departments (tenant_id, id, name, position, strategy, offer_seconds, capacity_per_agent, skills)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [tenant.id, id, `Department ${i + 1}`, i, strategy, offerSeconds, capacityPerAgent, JSON.stringify(skills)],
    );
    departmentIds.push(id);
  }
  const agents: TestAgent[] = [];
  for (let i = 0; i < count; i += 1) {
    const agent = await addAgent(superuser, tenant, "agent", {
      capacity: random.between(2, 6),
      inDepartment: false,
    });
    const skills = random.fraction() < 0.7 ? { plants: random.between(2, 5) } : { plants: 1 };
    await superuser.query("UPDATE memberships SET skills = $3 WHERE tenant_id = $1 AND user_id = $2", [
      tenant.id,
      agent.id,
      JSON.stringify(skills),
    ]);
    const first = i % departments;
    const belongs = new Set([first, random.fraction() < 0.3 ? random.between(0, departments - 1) : first]);
    for (const place of belongs)
      await superuser.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
        tenant.id,
        departmentIds[place],
        agent.id,
      ]);
    agents.push(agent);
  }
  return { tenant, departmentIds, agents };
};
