import { expect, test } from "vitest";
import { builtInRoles } from "../../server/contract/permissions.ts";
import { useCluster } from "../support/cluster.ts";
import { rest } from "../support/people.ts";
import type { Person } from "../support/people.ts";
import { openSession } from "../support/tenant.ts";
import type { TestAgent } from "../support/tenant.ts";

const cluster = useCluster({ count: 2 });

/** An admin at the first node changes somebody's role, while that somebody is at the second. */
const setUp = async () => {
  const tenant = await cluster().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const person = await cluster().agent(tenant, { agent, at: cluster().list[1]! });
  const token = await openSession(cluster().superuser, tenant, admin);
  return { tenant, agent, person, token };
};

const giveRole = async ({ agent, token }: { agent: TestAgent; token: string }, role: string) => {
  const { status } = await rest(cluster().list[0]!.url, "PATCH", `/agents/${agent.id}`, { token, body: { role } });
  expect(status).toBe(200);
};

const accessChanged = { reason: "access_changed", reconnect: true };

/** What somebody may do once their socket is back. */
const rightsOf = async (person: Person): Promise<string[]> => {
  await person.until(() => person.readies === 2, "the socket is back");
  return person.ready!.permissions!;
};

test("a change of role reaches a socket on another node, which comes back with the rights it has now", async () => {
  const scene = await setUp();
  const ended = scene.person.next("session:ended");
  await giveRole(scene, "manager");
  expect(await ended).toEqual(accessChanged);
  expect(await rightsOf(scene.person)).toEqual(builtInRoles.manager);
});

test("it reaches a node that is cut from Redis at its next check", async () => {
  const scene = await setUp();
  const [, cut] = cluster().list;
  cut!.redis.refuse();
  try {
    const ended = scene.person.next("session:ended");
    await giveRole(scene, "read_only");
    expect(await ended).toEqual(accessChanged);
    expect(await rightsOf(scene.person)).toEqual(builtInRoles.read_only);
  } finally {
    cut!.redis.heal();
  }
});

test("a deactivated member's socket on a node that is cut from Redis ends at its next check", async () => {
  const { agent, person, token } = await setUp();
  const [first, cut] = cluster().list;
  cut!.redis.refuse();
  try {
    const ended = person.next("session:ended");
    const { status } = await rest(first!.url, "POST", `/agents/${agent.id}/deactivate`, { token });
    expect(status).toBe(200);
    expect((await ended) as object).toMatchObject({ reconnect: false });
  } finally {
    cut!.redis.heal();
  }
});
