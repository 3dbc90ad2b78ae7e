import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { LoginData } from "../../../server/contract/admin.ts";
import { createRefreshTokens, hashOf } from "../../../server/features/auth/refresh-token.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, auditOf, cookieOf, logInRaw, refreshWith, refusalOf } from "../requests.ts";
import type { Raw } from "../requests.ts";

const app = useApp();

type SignedIn = { tenant: TestTenant; cookie: string; accessToken: string; sessionId: string };

const signIn = async (): Promise<SignedIn> => {
  const tenant = await app().tenant();
  const answer = await logInRaw(app().url, tenant.agents[0]!.email);
  const { cookie } = cookieOf(answer)!;
  return { tenant, cookie, accessToken: answer.body.accessToken, sessionId: cookie.split(".")[1]! };
};

const refresh = (cookie: string | undefined) => refreshWith(app().url, cookie);

/** The cookie's name bears the port people use, which is free to all copies of Parley on one host. */
const named = (token: string) => `parley_refresh_${new URL(app().url).port}=${token}`;

/** Trades a cookie for the next; fails the test where that is refused. */
const next = async (cookie: string): Promise<string> => {
  const answer = await refresh(cookie);
  expect(answer.status).toBe(200);
  return cookieOf(answer)!.cookie;
};

/** Why a refresh was refused; throws where it was not. */
const reasonOf = (answer: Raw): string => {
  const [status, code] = refusalOf(answer);
  if (status !== 401 || code !== "unauthenticated" || cookieOf(answer))
    throw new Error(`not as it should be: ${status} ${code}`);
  return answer.body.error.details.reason;
};

const sessionRow = async ({ sessionId }: SignedIn) =>
  (await app().superuser.query("SELECT * FROM sessions WHERE id = $1", [sessionId])).rows[0];

const passTime = ({ sessionId }: SignedIn, seconds: number) =>
  app().superuser.query("UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => $2) WHERE id = $1", [
    sessionId,
    seconds,
  ]);

const me = async (accessToken: string): Promise<number> =>
  (await ask(app().url, "GET", "/me", { token: accessToken })).status;

test("a refresh answers what a login answers, for the same session, with the next token in the cookie", async () => {
  const signedIn = await signIn();
  const answer = await refresh(signedIn.cookie);
  expect(answer.status).toBe(200);
  const { accessToken, tenant, tenants, user } = v.parse(LoginData, answer.body);
  expect(tenant).toEqual({ id: signedIn.tenant.id, name: signedIn.tenant.name, slug: signedIn.tenant.slug });
  expect(tenants).toEqual([tenant]);
  expect(user).toMatchObject({ id: signedIn.tenant.agents[0]!.id, email: signedIn.tenant.agents[0]!.email });
  expect(app().app.node.tokens.checkAccess(accessToken).sid).toBe(signedIn.sessionId);
  const { cookie, attributes } = cookieOf(answer)!;
  expect(cookie).not.toBe(signedIn.cookie);
  expect(attributes).toEqual(["Path=/api/v1/auth", "Max-Age=2592000", "HttpOnly", "SameSite=Strict"]);
  expect(await me(accessToken)).toBe(200);
});

test("each refresh keeps the session for another thirty days, and notes where it was used", async () => {
  const signedIn = await signIn();
  await app().superuser.query("UPDATE sessions SET expires_at = now() + interval '1 minute' WHERE id = $1", [
    signedIn.sessionId,
  ]);
  await refreshWith(app().url, signedIn.cookie, { "User-Agent": "another browser" });
  const row = await sessionRow(signedIn);
  expect(Math.round((row.expires_at - row.last_used_at) / 86_400_000)).toBe(30);
  expect(row.device).toBe("another browser");
});

test("tabs that refresh with the same token at once all get the same successor, and it works", async () => {
  const { cookie } = await signIn();
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(cookie)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const successors = new Set(answers.map((answer) => cookieOf(answer)!.cookie));
  expect(successors.size).toBe(1);
  for (const { body } of answers) expect(await me(body.accessToken)).toBe(200);
  await next([...successors][0]!);
});

test("whoever lost the answer and asks again within ten seconds is answered", async () => {
  const signedIn = await signIn();
  const successor = await next(signedIn.cookie);
  await passTime(signedIn, 4);
  expect(await next(signedIn.cookie)).toBe(successor);
});

describe("a spent token that comes back", () => {
  const expectRevoked = async (signedIn: SignedIn, standing: string) => {
    expect(reasonOf(await refresh(standing))).toBe("session_revoked");
    expect(await me(signedIn.accessToken)).toBe(401);
    expect((await sessionRow(signedIn)).revoked_at).not.toBeNull();
    const events = await auditOf(app(), signedIn.tenant);
    expect(events.filter(({ action }) => action === "session.revoke")).toMatchObject([
      { target_id: signedIn.sessionId, after: { reason: "refresh_token_reused" } },
    ]);
  };

  test("after its successor was spent too ends the session and its sockets", async () => {
    const signedIn = await signIn();
    const agent = await app().agent(signedIn.tenant, { token: () => signedIn.accessToken });
    const ended = agent.next<{ reason: string; reconnect: boolean }>("session:ended");
    const standing = await next(await next(signedIn.cookie));
    expect(reasonOf(await refresh(signedIn.cookie))).toBe("session_revoked");
    expect(await ended).toEqual({ reason: "session_revoked", reconnect: false });
    await expectRevoked(signedIn, standing);
  });

  test("after ten seconds ends the session", async () => {
    const signedIn = await signIn();
    const standing = await next(signedIn.cookie);
    await passTime(signedIn, 11);
    expect(reasonOf(await refresh(signedIn.cookie))).toBe("session_revoked");
    await expectRevoked(signedIn, standing);
  });

  test("ends no other session of the same person", async () => {
    const signedIn = await signIn();
    const other = cookieOf(await logInRaw(app().url, signedIn.tenant.agents[0]!.email))!.cookie;
    await next(await next(signedIn.cookie));
    expect(reasonOf(await refresh(signedIn.cookie))).toBe("session_revoked");
    await next(other);
  });
});

test("a made-up token is refused, and revokes nothing", async () => {
  const { tenant, sessionId, cookie } = await signIn();
  for (const secret of [randomBytes(48).toString("base64url"), randomBytes(32).toString("base64url"), "", "%%%"])
    expect(reasonOf(await refresh(named(`${tenant.id}.${sessionId}.${secret}`)))).toBe("invalid");
  expect(reasonOf(await refresh(named("what is this")))).toBe("invalid");
  await next(cookie);
});

test("a token does not fit another session, nor another tenant", async () => {
  const [mine, other] = [await signIn(), await signIn()];
  const secret = mine.cookie.split(".")[2]!;
  expect(reasonOf(await refresh(named(`${mine.tenant.id}.${other.sessionId}.${secret}`)))).toBe("invalid");
  expect(reasonOf(await refresh(named(`${other.tenant.id}.${mine.sessionId}.${secret}`)))).toBe("invalid");
  await next(mine.cookie);
  await next(other.cookie);
});

test("the cookie of another copy of Parley on the same host is not taken for ours", async () => {
  const { cookie } = await signIn();
  expect(cookie.split("=")[0]).toBe(named("").slice(0, -1));
  const token = cookie.split("=")[1]!;
  expect(reasonOf(await refresh(`parley_refresh_1=${token}; parley_refresh=${token}`))).toBe("missing");
  const elsewhere = createRefreshTokens({ AUTH_SECRETS: ["the secret of another copy on the same machine"] });
  const [tenantId, sessionId] = token.split(".") as [string, string];
  const theirs = elsewhere.write(elsewhere.issue(tenantId, sessionId));
  expect(reasonOf(await refresh(`parley_refresh_1=${theirs}`))).toBe("invalid");
  await next(`parley_refresh_1=else; ${cookie}`);
});

test("without a cookie there is nothing to refresh", async () => {
  expect(reasonOf(await refresh(undefined))).toBe("missing");
});

test.each([
  ["session_revoked", "a revoked session", "UPDATE sessions SET revoked_at = now() WHERE tenant_id = $1"],
  [
    "session_revoked",
    "a session that ran out",
    "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE tenant_id = $1",
  ],
  ["deactivated", "somebody deactivated", "UPDATE memberships SET status = 'deactivated' WHERE tenant_id = $1"],
  ["tenant_suspended", "a suspended workspace", "UPDATE tenants SET status = 'suspended' WHERE id = $1"],
])("%s: the token of %s is refused and stays as it is", async (reason, _whose, change) => {
  const signedIn = await signIn();
  await app().superuser.query(change, [signedIn.tenant.id]);
  const before = await sessionRow(signedIn);
  expect(reasonOf(await refresh(signedIn.cookie))).toBe(reason);
  expect(await sessionRow(signedIn)).toEqual(before);
  expect(await me(signedIn.accessToken)).toBe(401);
});

describe("while secrets are rotated", () => {
  const [older, newer] = ["the older of the two secrets, long enough", "the newer of the two secrets, long enough"];
  const before = createRefreshTokens({ AUTH_SECRETS: [older] });
  const during = createRefreshTokens({ AUTH_SECRETS: [newer, older] });
  const after = createRefreshTokens({ AUTH_SECRETS: [newer] });
  const [tenantId, sessionId] = ["6f0f4b1a-0000-4000-8000-000000000001", "6f0f4b1a-0000-4000-8000-000000000002"];

  test("tokens of the older secret are still read, and twins still find the successor that stands", () => {
    const token = before.issue(tenantId, sessionId);
    const read = during.parse(before.write(token))!;
    expect(hashOf(read)).toBe(hashOf(token));
    expect(during.successors(read).map(hashOf)).toContain(hashOf(before.successors(token)[0]));
  });

  test("what is written meanwhile outlives the older secret", () => {
    const token = during.parse(before.write(before.issue(tenantId, sessionId)))!;
    expect(after.parse(during.write(during.successors(token)[0]))).toBeDefined();
    expect(after.parse(before.write(token))).toBeUndefined();
  });
});

test("at another port of the same host the only token there is counts, and goes over to that port's name", async () => {
  const { cookie } = await signIn();
  const [, token] = cookie.split("=");
  const answer = await refresh(`parley_refresh_1=${token}`);
  expect(answer.status).toBe(200);
  const [own, gone] = answer.headers["set-cookie"]!;
  expect(own).toMatch(new RegExp(`^${named("")}`, "u"));
  expect(gone).toMatch(/^parley_refresh_1=; .*Max-Age=0/u);
});
