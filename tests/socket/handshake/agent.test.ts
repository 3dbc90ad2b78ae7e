import { createSecretKey, hkdfSync, randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { expect, test } from "vitest";
import { agentEvents } from "../../../server/contract/agent.ts";
import { contractLevel } from "../../../server/contract/entities.ts";
import { builtInRoles } from "../../../server/contract/permissions.ts";
import { createTokens } from "../../../server/tokens.ts";
import { startApp, useApp } from "../../support/app.ts";
import { testSettings } from "../../support/nodes.ts";
import { addAgent, openSession } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { anotherSocket, ask } from "../support/ask.ts";
import { breachOf } from "../support/exact.ts";
import { knock } from "../support/knock.ts";
import { begin, talk } from "../support/scene.ts";

const app = useApp();

const secret = testSettings.AUTH_SECRETS;
const enter = (accessToken: unknown, at = app()) =>
  knock(at.url, { namespace: "/agent", auth: accessToken === undefined ? {} : { accessToken } });

type Parts = { header: { kid: string }; payload: { sub: string; aud: string; exp: number } };
const decode = (token: string) => jwt.decode(token, { complete: true }) as unknown as Parts;

/** A token like `token`, signed with the very key that signs access tokens, but for what is changed. */
const resign = (token: string, changes: object, options: jwt.SignOptions = {}): string => {
  const { header, payload } = decode(token);
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "parley", "access", 32)));
  const { aud, ...claims } = { ...payload, ...changes };
  return jwt.sign({ ...claims, ...(options.audience === undefined && { aud }) }, key, {
    algorithm: "HS256",
    keyid: header.kid,
    ...options,
  });
};

test("a session says what the contract promises of it", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "manager"] });
  const { ready } = await anotherSocket(agent);
  expect(breachOf(agentEvents["session:ready"], ready)).toBeUndefined();
  const [first, second] = tenant.agents as [(typeof tenant.agents)[0], (typeof tenant.agents)[0]];
  await begin(contact);
  expect(ready).toMatchObject({
    contractLevel,
    tenant: { id: tenant.id, name: tenant.name },
    actor: { kind: "agent", id: first.id, name: first.name },
    permissions: builtInRoles.agent,
    availability: "available",
    departments: [{ id: tenant.departmentId, name: "Support" }],
    // An agent follows what they hold, nothing else.
    cursors: [{ conversationId, publicSeq: 3, internalSeq: 0 }],
    unread: 1,
  });
  const colleagues = ready!.colleagues!.toSorted((a, b) => (a.presence < b.presence ? 1 : -1));
  expect(colleagues).toEqual([
    { id: first.id, name: first.name, presence: "online", availability: "available" },
    { id: second.id, name: second.name, presence: "offline", availability: "available" },
  ]);
});

test.each(Object.entries(builtInRoles))("the role %s is told its permissions", async (role, permissions) => {
  const tenant = await app().tenant({ roles: [role as keyof typeof builtInRoles] });
  const agent = await app().agent(tenant);
  expect(new Set(agent.ready!.permissions)).toEqual(new Set<string>(permissions));
});

test("it tells when the token runs out", async () => {
  const tenant = await app().tenant();
  const token = await openSession(app().superuser, tenant, tenant.agents[0]!, 100);
  const { ready } = await enter(token);
  expect(ready.expiresAt).toBe(new Date(decode(token).payload.exp * 1_000).toISOString());
});

const tokens: [string, (valid: string, tenant: TestTenant) => unknown, string][] = [
  ["no token", () => undefined, "invalid_payload"],
  ["a token that is null", () => null, "invalid_payload"],
  ["a token that is a number", () => 7, "invalid_payload"],
  ["an empty token", () => "", "invalid_payload"],
  ["a token that is too long", () => "x".repeat(4_001), "invalid_payload"],
  ["a token that is a list", (valid) => [valid], "invalid_payload"],
  ["nonsense", () => "nonsense", "unauthenticated"],
  ["NUL", () => "\u0000", "unauthenticated"],
  ["a token cut short", (valid) => valid.slice(0, -2), "unauthenticated"],
  [
    "a token without a signature",
    (valid) => {
      const { header, payload } = decode(valid);
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
      return `${encode({ ...header, alg: "none" })}.${encode(payload)}.`;
    },
    "unauthenticated",
  ],
  [
    "a token with others' claims",
    (valid) => valid.replace(/\.[^.]+\./u, `.${Buffer.from("{}").toString("base64url")}.`),
    "unauthenticated",
  ],
  [
    "a token signed with another secret",
    (valid) => jwt.sign(decode(valid).payload, "another secret", { keyid: decode(valid).header.kid }),
    "unauthenticated",
  ],
  [
    "a token signed with the secret itself instead of the key drawn from it",
    (valid) => jwt.sign(decode(valid).payload, secret, { keyid: decode(valid).header.kid }),
    "unauthenticated",
  ],
  ["a token that names an unknown key", (valid) => resign(valid, {}, { keyid: "unknown" }), "unauthenticated"],
  ["a token of another algorithm", (valid) => resign(valid, {}, { algorithm: "HS384" }), "unauthenticated"],
  ["a token of another audience", (valid) => resign(valid, {}, { audience: "parley-visitor" }), "unauthenticated"],
  ["a token of another issuer", (valid) => resign(valid, { iss: "somebody" }), "unauthenticated"],
  ["an expired token", (valid) => resign(valid, { exp: Math.floor(Date.now() / 1_000) - 60 }), "unauthenticated"],
  ["a token of a session that never was", (valid) => resign(valid, { sid: randomUUID() }), "unauthenticated"],
  ["a token of a session that is somebody else's", (valid) => resign(valid, { sub: randomUUID() }), "unauthenticated"],
  ["a token of a session of another tenant", (valid) => resign(valid, { tid: randomUUID() }), "unauthenticated"],
  [
    "a visitor's token",
    (_valid, tenant) =>
      createTokens({ AUTH_SECRETS: [secret], ACCESS_TOKEN_SECONDS: 900 }).signVisitor(
        {
          sub: tenant.agents[0]!.id,
          tid: tenant.id,
          inb: tenant.inbox.id,
        },
        tenant.inbox.origin,
      ),
    "unauthenticated",
  ],
];

test.each(tokens)("%s is refused", async (_title, make, code) => {
  const tenant = await app().tenant();
  const valid = await openSession(app().superuser, tenant, tenant.agents[0]!);
  expect((await enter(valid)).ready.actor.id).toBe(tenant.agents[0]!.id);
  expect((await enter(make(valid, tenant))).refusal).toMatchObject({ code, retryable: false });
});

const endings: [string, string, string][] = [
  ["a revoked session", "UPDATE sessions SET revoked_at = now() WHERE tenant_id = $1", "session_revoked"],
  ["a session run out", "UPDATE sessions SET expires_at = now() WHERE tenant_id = $1", "session_revoked"],
  ["a member deactivated", "UPDATE memberships SET status = 'deactivated' WHERE tenant_id = $1", "deactivated"],
  ["a workspace suspended", "UPDATE tenants SET status = 'suspended' WHERE id = $1", "tenant_suspended"],
];

test.each(endings)("%s is refused, and says why", async (_title, statement, reason) => {
  const tenant = await app().tenant();
  const token = await openSession(app().superuser, tenant, tenant.agents[0]!);
  await app().superuser.query(statement, [tenant.id]);
  expect((await enter(token)).refusal).toMatchObject({
    code: "unauthenticated",
    retryable: false,
    details: { reason },
  });
});

test("a role is what the table says now, whatever it was when the token was signed", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await openSession(app().superuser, tenant, tenant.agents[0]!);
  await app().superuser.query("UPDATE memberships SET role = 'read_only' WHERE tenant_id = $1", [tenant.id]);
  expect((await enter(token)).ready.permissions).toEqual(builtInRoles.read_only);
});

test("any of the secrets verifies, and the first signs, so that they can be changed without a gap", async () => {
  const changed = await startApp({ AUTH_SECRETS: `a new secret for tests that is long enough,${secret}` });
  const tenant = await changed.tenant();
  const token = await openSession(changed.superuser, tenant, tenant.agents[0]!);
  expect((await enter(token, changed)).ready.actor.id).toBe(tenant.agents[0]!.id);
  const contact = await changed.contact(tenant);
  const { kid } = (jwt.decode(contact.visitorToken!, { complete: true }) as unknown as Parts).header;
  expect(kid).not.toBe(decode(token).header.kid);
});

test("an agent of no department is let in and sees nothing that is not theirs", async () => {
  const { tenant } = await talk(app());
  const agent = await app().agent(tenant, {
    agent: await addAgent(app().superuser, tenant, "agent", { inDepartment: false }),
  });
  expect(agent.ready).toMatchObject({ departments: [], cursors: [], unread: 0 });
  expect((await ask(agent, "conversation:list", {})).conversations).toEqual([]);
});
