import { expect, test } from "vitest";
import { hear } from "../socket/support/hear.ts";
import { call, staffOf } from "../rest/platform/support.ts";
import { startCluster } from "../support/cluster.ts";

test("a suspension reaches members and visitors on every node, one that is cut off from Redis included", async () => {
  const cluster = await startCluster({ count: 3, env: { SESSION_CHECK_SECONDS: "2" } });
  const [tenant, other] = [await cluster.tenant({ roles: ["tenant_admin", "agent", "agent"] }), await cluster.tenant()];
  const root = await staffOf(cluster);
  const people = [];
  for (const [i, agent] of tenant.agents.entries()) {
    const at = cluster.list[i]!;
    people.push(await cluster.agent(tenant, { agent, at }), await cluster.contact(tenant, { at }));
  }
  const stranger = await cluster.agent(other, { at: cluster.list[2]! });
  const ears = await Promise.all(people.map(hear));
  cluster.list[2]!.redis.refuse();
  const params = { tenantId: tenant.id };
  await call(cluster, "platform-tenant/suspend", { token: root.token, params, body: { reason: "unpaid" } });
  for (const ear of ears)
    expect(await ear.next("session:ended")).toEqual({ reason: "tenant_suspended", reconnect: false });
  expect(stranger.socket.connected).toBe(true);
});

test("an impersonation that is ended on one node ends on another", async () => {
  const cluster = await startCluster({ count: 2, env: { SESSION_CHECK_SECONDS: "30" } });
  const tenant = await cluster.tenant({ roles: ["tenant_admin"] });
  const { token } = await staffOf(cluster, "platform_support");
  const body = { tenantId: tenant.id, reason: "A conversation does not load.", minutes: 5 };
  const { impersonation, accessToken } = await call(cluster, "impersonation/create", { token, body });
  const viewer = await cluster.agent(tenant, { token: () => accessToken, at: cluster.list[1]! });
  const ear = await hear(viewer);
  await call(cluster, "impersonation/end", { token, params: { impersonationId: impersonation.id } });
  expect(await ear.next("session:ended")).toEqual({ reason: "impersonation_ended", reconnect: false });
});
