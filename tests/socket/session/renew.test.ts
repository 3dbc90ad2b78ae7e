import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { openSession } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { createTokens } from "../../../server/tokens.ts";
import { testSettings } from "../../support/nodes.ts";
import { ask, codeOf, refused } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";

const app = useApp({ SESSION_GRACE_SECONDS: "1" });

const claimsOf = (token: string): { sid: string; exp: number } =>
  JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());

/** An agent, and the means to sign further tokens for the login they came with. */
const atWork = async (seconds?: number) => {
  const tenant = await app().tenant({ roles: ["agent", "agent"] });
  const first = await openSession(app().superuser, tenant, tenant.agents[0]!, seconds);
  const agent = await app().agent(tenant, { token: () => first });
  const tokenFor = (more: { seconds?: number; sid?: string; sub?: string; tid?: string } = {}) =>
    createTokens({
      AUTH_SECRETS: [testSettings.AUTH_SECRETS],
      ACCESS_TOKEN_SECONDS: more.seconds ?? 3_600,
    }).signAccess({ sub: tenant.agents[0]!.id, tid: tenant.id, sid: claimsOf(first).sid, ...more }).token;
  return { tenant, agent, first, tokenFor };
};

const revoke = (tenant: TestTenant, sid: string) =>
  app().superuser.query("UPDATE sessions SET revoked_at = now() WHERE tenant_id = $1 AND id = $2", [tenant.id, sid]);

test("a fresh token of the same login keeps the socket beyond the old one's end", async () => {
  const { agent, tokenFor } = await atWork(2);
  const ear = await hear(agent);
  const told = await ear.next("session:expiring");
  expect(told.expiresAt).toBe(agent.ready!.expiresAt);
  const fresh = tokenFor();
  const { expiresAt } = await ask(agent, "session:renew", { accessToken: fresh });
  expect(expiresAt).toBe(new Date(claimsOf(fresh).exp * 1_000).toISOString());
  // The old token's end and its grace pass.
  const end = Date.parse(told.expiresAt) + 1_500;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, end - Date.now())));
  expect((await ear.calm()).of("session:ended")).toEqual([]);
  expect(agent.readies).toBe(1);
});

test("without one the socket is ended after the grace", async () => {
  const { agent } = await atWork(1);
  const ear = await hear(agent);
  expect(await ear.next("session:ended")).toEqual({ reason: "expired", reconnect: false });
  await agent.until(() => !agent.socket.connected, "the socket is closed");
});

test("a token of another login, another tenant, a revoked session, one run out or none at all renews nothing", async () => {
  const { tenant, agent, first, tokenFor } = await atWork();
  const other = await app().tenant();
  const foreign = await openSession(app().superuser, other, other.agents[0]!);
  const colleague = await openSession(app().superuser, tenant, tenant.agents[1]!);
  const tokens = [
    colleague,
    foreign,
    tokenFor({ sid: randomUUID() }),
    tokenFor({ seconds: -60 }),
    "not.a.token",
    "\u0000",
    `${first}x`,
  ];
  for (const accessToken of tokens)
    expect(await codeOf(ask(agent, "session:renew", { accessToken }))).toMatch(/^(unauthenticated|invalid_payload)$/u);
  expect((await refused(ask(agent, "session:renew", { accessToken: tokens[3]! }))).details).toEqual({
    reason: "expired",
  });
  // The socket goes on with what it had.
  await ask(agent, "conversation:list", {});
});

test("a socket renewed with another session of its login ends with that session", async () => {
  const { tenant, agent } = await atWork();
  const second = await openSession(app().superuser, tenant, tenant.agents[0]!);
  const ear = await hear(agent);
  await ask(agent, "session:renew", { accessToken: second });
  await revoke(tenant, claimsOf(second).sid);
  expect(await ear.next("session:ended")).toEqual({ reason: "session_revoked", reconnect: false });
});

test("a session revoked ends its sockets, and no other login's", async () => {
  const { tenant, agent, first } = await atWork();
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const [ear, other] = await hearAll(agent, colleague);
  await revoke(tenant, claimsOf(first).sid);
  expect(await ear.next("session:ended")).toEqual({ reason: "session_revoked", reconnect: false });
  await agent.until(() => !agent.socket.connected, "the socket is closed");
  expect((await other.calm()).of("session:ended")).toEqual([]);
});
