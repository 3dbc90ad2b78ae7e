import { expect, test } from "vitest";
import { createTokens } from "../../server/tokens.ts";
import { startCluster } from "../support/cluster.ts";
import { testSettings } from "../support/nodes.ts";
import { agentAt, logIn, rest } from "../support/people.ts";
import type { TestTenant } from "../support/tenant.ts";
import { CommandFailed } from "../support/virtual-client.ts";

const freshToken = async ({ url }: { url: string }, tenant: TestTenant) =>
  (await logIn(url, tenant.agents[0]!, tenant)).accessToken;

const shortLived = { ACCESS_TOKEN_SECONDS: "2", SESSION_GRACE_SECONDS: "1" };

test("an agent is told before their token runs out, and a renewed session goes on", async () => {
  const cluster = await startCluster({ count: 1, env: shortLived });
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant, { token: () => freshToken(cluster, tenant) });
  const begun = agent.ready!.expiresAt!;
  for (let round = 0; round < 3; round += 1) {
    const { expiresAt } = await agent.next<{ expiresAt: string }>("session:expiring");
    const accessToken = await freshToken(cluster, tenant);
    const renewed = await agent.command<{ expiresAt: string }>("session:renew", { accessToken });
    expect(Date.parse(renewed.expiresAt)).toBeGreaterThan(Date.parse(expiresAt));
  }
  expect(Date.now()).toBeGreaterThan(Date.parse(begun) + 1_000);
  expect(agent.readies).toBe(1);
  expect(await agent.command("conversation:list", {})).toMatchObject({ conversations: [] });
});

test("a session that is not renewed ends after its grace, with a word about it", async () => {
  const cluster = await startCluster({ count: 1, env: shortLived });
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant, { token: () => freshToken(cluster, tenant) });
  const ended = await agent.next<{ reason: string; reconnect: boolean }>("session:ended");
  expect(ended.reason).toMatch(/expired/u);
  expect(await agent.until(() => agent.ready === undefined, "the socket was closed")).toBe(true);
});

const sign = (secret: string, seconds: number) =>
  createTokens({ AUTH_SECRETS: [secret], ACCESS_TOKEN_SECONDS: seconds });

const claimsFor = (tenant: TestTenant) => ({
  sub: tenant.agents[0]!.id,
  tid: tenant.id,
  sid: "00000000-0000-4000-8000-000000000000",
});

test("an expired, forged, foreign or revoked token opens no session", async () => {
  const cluster = await startCluster({ count: 1 });
  const tenant = await cluster.tenant();
  const contact = await cluster.contact(tenant);
  const secret = testSettings.AUTH_SECRETS;
  const claims = claimsFor(tenant);
  const genuine = (await logIn(cluster.url, tenant.agents[0]!, tenant)).accessToken;
  const [header, payload, signature] = genuine.split(".") as [string, string, string];
  const altered = JSON.parse(Buffer.from(payload, "base64url").toString());
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const tokens: Record<string, string> = {
    nothing: "",
    nonsense: "not.a.token",
    expired: sign(secret, -3_600).signAccess(claims).token,
    "signed by another secret": sign("another secret that is long enough, too", 900).signAccess(claims).token,
    "without a session": sign(secret, 900).signAccess(claims).token,
    "a visitor's": contact.visitorToken!,
    unsigned: `${encode({ alg: "none", typ: "JWT" })}.${payload}.`,
    "of another user": `${header}.${encode({ ...altered, sub: claims.sid })}.${signature}`,
    "of another tenant": `${header}.${encode({ ...altered, tid: claims.sid })}.${signature}`,
  };
  const outcomes: Record<string, unknown> = {};
  for (const [what, token] of Object.entries(tokens)) {
    const agent = agentAt(cluster.url, tenant, { token: () => token });
    const refusal = await agent.connect().catch((error: unknown) => error);
    agent.close();
    const { status } = await rest(cluster.url, "GET", "/me", { token });
    outcomes[what] = refusal instanceof CommandFailed ? [refusal.error.code, refusal.error.retryable, status] : refusal;
  }
  const refused = Object.fromEntries(Object.keys(tokens).map((what) => [what, ["unauthenticated", false, 401]]));
  expect(outcomes).toEqual({
    ...refused,
    nothing: [expect.stringMatching(/^(unauthenticated|invalid_payload)$/u), false, 401],
  });
});

test("a session logged out elsewhere ends at once on every node", async () => {
  const cluster = await startCluster();
  const tenant = await cluster.tenant();
  const { accessToken } = await logIn(cluster.url, tenant.agents[0]!, tenant);
  const tabs = [];
  for (const at of cluster.list) tabs.push(await cluster.agent(tenant, { at, token: () => accessToken }));
  const ends = tabs.map((tab) => tab.next<{ reason: string; reconnect: boolean }>("session:ended"));
  expect((await rest(cluster.list[0]!.url, "POST", "/auth/logout", { token: accessToken })).status).toBe(204);
  for (const ended of await Promise.all(ends)) expect(ended.reconnect).toBe(false);
  const back = agentAt(cluster.url, tenant, { token: () => accessToken });
  const refusal = await back.connect().catch((error: unknown) => error);
  back.close();
  expect((refusal as CommandFailed).error?.code).toBe("unauthenticated");
});

test("a lost hint of a logout is made up for: a node cut off from Redis ends the session too", async () => {
  const cluster = await startCluster();
  const [first, second] = cluster.list;
  const tenant = await cluster.tenant();
  const { accessToken } = await logIn(cluster.url, tenant.agents[0]!, tenant);
  const tab = await cluster.agent(tenant, { at: second!, token: () => accessToken });
  second!.redis.refuse();
  const ended = tab.next<{ reason: string; reconnect: boolean }>("session:ended");
  expect((await rest(first!.url, "POST", "/auth/logout", { token: accessToken })).status).toBe(204);
  expect((await ended).reconnect).toBe(false);
});
