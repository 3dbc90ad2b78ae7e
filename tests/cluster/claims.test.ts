import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import type { Cluster } from "../support/cluster.ts";
import { CommandFailed } from "../support/virtual-client.ts";
import { eventually } from "../support/wait.ts";

/** What must hold at any moment, asked of the tables: one holder a conversation, no agent beyond their capacity, counts that add up. */
const assignmentsOf = async ({ superuser }: Cluster, tenantId: string) => {
  const { rows } = await superuser.query<{ held: number; counted: number; capacity: number; running: number }>(
    `SELECT m.capacity, m.active_count AS counted,
       (SELECT count(*)::int FROM conversations c
        WHERE c.tenant_id = m.tenant_id AND c.assignee_id = m.user_id AND c.status IN ('open', 'pending', 'snoozed')) AS held,
       (SELECT count(*)::int FROM assignments a
        WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id AND a.ended_at IS NULL) AS running
     FROM memberships m WHERE m.tenant_id = $1 ORDER BY m.user_id`,
    [tenantId],
  );
  return rows;
};

test("of many agents on many nodes who take one conversation, exactly one gets it", async () => {
  const cluster = await startCluster({ count: 3 });
  const tenant = await cluster.tenant({ roles: ["agent", "agent", "agent", "agent", "agent", "agent"] });
  const agents = [];
  for (const [i, agent] of tenant.agents.entries()) {
    agents.push(await cluster.agent(tenant, { agent, at: cluster.list[i % 3]! }));
  }
  const contact = await cluster.contact(tenant);
  for (let round = 0; round < 5; round += 1) {
    const { id: conversationId } = await contact.start(`round ${round}`);
    const outcomes = await Promise.all(
      agents.map((agent) =>
        agent.command("conversation:assign", { conversationId }).then(
          () => "taken",
          (error: unknown) => (error instanceof CommandFailed ? error.error.code : error),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "taken")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "conflict")).toHaveLength(5);
  }
  const rows = await assignmentsOf(cluster, tenant.id);
  expect(rows.reduce((sum, { held }) => sum + held, 0)).toBe(5);
  for (const { held, counted, running } of rows) expect([counted, running]).toEqual([held, held]);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("routing fills agents up to their capacity and not beyond, while one node is cut off from Redis", async () => {
  const cluster = await startCluster({ count: 3 });
  const tenant = await cluster.tenant({ roles: ["agent", "agent", "agent"], capacity: 3, strategy: "least_loaded" });
  for (const [i, agent] of tenant.agents.entries()) await cluster.agent(tenant, { agent, at: cluster.list[i]! });
  cluster.list[2]!.redis.refuse();
  const contacts = await Promise.all(
    Array.from({ length: 15 }, (_, i) => cluster.contact(tenant, { at: cluster.list[i % 3]! })),
  );
  await Promise.all(contacts.map((contact) => contact.start("hello")));
  cluster.list[2]!.redis.heal();
  const full = async () => {
    const rows = await assignmentsOf(cluster, tenant.id);
    for (const { held, counted, running, capacity } of rows) {
      expect([counted, running]).toEqual([held, held]);
      expect(held).toBeLessThanOrEqual(capacity);
    }
    return rows.every(({ held, capacity }) => held === capacity);
  };
  // A conversation that found nobody is routed at the next occasion, such as an agent coming in.
  await cluster.agent(tenant, { agent: tenant.agents[0]!, at: cluster.list[0]! });
  expect(await eventually(full, "every agent holds what they can")).toBe(true);
  const { rows } = await cluster.superuser.query(
    "SELECT count(*)::int AS queued FROM conversations WHERE tenant_id = $1 AND status = 'queued'",
    [tenant.id],
  );
  expect(rows[0].queued).toBe(6);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});
