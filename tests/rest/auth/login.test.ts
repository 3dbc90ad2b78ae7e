import bcrypt from "bcrypt";
import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { LoginData } from "../../../server/contract/admin.ts";
import { startApp, useApp } from "../../support/app.ts";
import type { TestApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, auditOf, cookieOf, logInRaw, refreshWith, refusalOf } from "../requests.ts";

const app = useApp();

const agentOf = async (company: TestApp): Promise<{ tenant: TestTenant; id: string; email: string }> => {
  const tenant = await company.tenant();
  const { id, email } = tenant.agents[0]!;
  return { tenant, id, email };
};

/** Makes the agent of `from` a member of `to`. */
const join = (to: TestTenant, userId: string, status = "active") =>
  app().superuser.query("INSERT INTO memberships (tenant_id, user_id, role, status) VALUES ($1, $2, 'agent', $3)", [
    to.id,
    userId,
    status,
  ]);

test("a login answers who, where, an access token, and the refresh token in a cookie alone", async () => {
  const { tenant, id, email } = await agentOf(app());
  const answer = await logInRaw(app().url, email);
  expect(answer.status).toBe(200);
  const { accessToken, ...data } = v.parse(LoginData, answer.body);
  const here = { id: tenant.id, name: tenant.name, slug: tenant.slug };
  expect(data).toEqual({
    user: { id, name: tenant.agents[0]!.name, email },
    tenant: here,
    tenants: [here],
    expiresIn: 900,
  });
  expect(app().app.node.tokens.checkAccess(accessToken)).toMatchObject({ sub: id, tid: tenant.id });
  const { cookie, attributes } = cookieOf(answer)!;
  expect(attributes).toEqual(["Path=/api/v1/auth", "Max-Age=2592000", "HttpOnly", "SameSite=Strict"]);
  expect(JSON.stringify(answer.body)).not.toContain(cookie.split("=")[1]!.split(".")[2]);
});

test.each([
  ["https://chat.example", "parley_refresh=", true],
  ["http://chat.example:8080/", "parley_refresh_8080=", false],
])("behind %s the cookie is called %s, and Secure: %s", async (PUBLIC_URL, name, secure) => {
  const behind = await startApp({ PUBLIC_URL });
  const answer = await logInRaw(behind.url, (await behind.tenant()).agents[0]!.email);
  const { cookie, attributes } = cookieOf(answer)!;
  expect(cookie.startsWith(name)).toBe(true);
  expect(attributes.includes("Secure")).toBe(secure);
  expect((await refreshWith(behind.url, cookie)).status).toBe(200);
});

test("the case of an e-mail address does not matter", async () => {
  const { email } = await agentOf(app());
  expect((await logInRaw(app().url, email.toUpperCase())).status).toBe(200);
});

test("a member of several workspaces gets the first by name, or the one named", async () => {
  const { tenant: first, id, email } = await agentOf(app());
  const second = await app().tenant();
  await join(second, id);
  await app().superuser.query("UPDATE tenants SET name = 'Aaa' WHERE id = $1", [second.id]);
  const unnamed = await logInRaw(app().url, email);
  expect(unnamed.body.tenant.slug).toBe(second.slug);
  expect(unnamed.body.tenants.map(({ slug }: { slug: string }) => slug)).toEqual([second.slug, first.slug]);
  const named = await logInRaw(app().url, email, { tenant: first.slug });
  expect(named.body.tenant.slug).toBe(first.slug);
  expect(app().app.node.tokens.checkAccess(named.body.accessToken).tid).toBe(first.id);
});

describe("one sentence refuses", () => {
  const attempt = async (email: string, options: { wrong?: boolean } = {}) => {
    const { status, body, headers } = await logInRaw(app().url, email, options);
    return { status, error: body.error, cookie: headers["set-cookie"] };
  };
  const refusal = {
    status: 401,
    error: {
      code: "unauthenticated",
      message: "The e-mail address or the password is wrong.",
      retryable: false,
      details: { reason: "credentials" },
    },
    cookie: undefined,
  };

  test("a person nobody knows", async () => {
    expect(await attempt("nobody@nowhere.test")).toEqual(refusal);
  });

  test("a wrong password", async () => {
    expect(await attempt((await agentOf(app())).email, { wrong: true })).toEqual(refusal);
  });

  test("a login without a password", async () => {
    const { id, email } = await agentOf(app());
    await app().superuser.query("UPDATE users SET password_hash = NULL WHERE id = $1", [id]);
    expect(await attempt(email)).toEqual(refusal);
  });
});

describe("whoever knows the password is told that it opens no workspace:", () => {
  const reasonOf = async (email: string, tenant?: string) => {
    const answer = await logInRaw(app().url, email, tenant === undefined ? {} : { tenant });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    const wrong = await logInRaw(app().url, email, { wrong: true, ...(tenant !== undefined && { tenant }) });
    expect(wrong.body.error.details.reason).toBe("credentials");
    return [...refusalOf(answer), answer.body.error.details.reason];
  };
  const refused = [401, "unauthenticated", "no_workspace"];

  test("one that is not the person's, and one that is not there", async () => {
    const { email } = await agentOf(app());
    expect(await reasonOf(email, (await app().tenant()).slug)).toEqual(refused);
    expect(await reasonOf(email, "no-such-workspace")).toEqual(refused);
  });

  test("somebody deactivated everywhere", async () => {
    const { tenant, id, email } = await agentOf(app());
    await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [id]);
    expect(await reasonOf(email)).toEqual(refused);
    expect(await reasonOf(email, tenant.slug)).toEqual(refused);
  });

  test("the members of a suspended workspace", async () => {
    const { tenant, email } = await agentOf(app());
    await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [tenant.id]);
    const suspended = [401, "unauthenticated", "tenant_suspended"];
    expect(await reasonOf(email)).toEqual(suspended);
    expect(await reasonOf(email, tenant.slug)).toEqual(suspended);
    expect(await reasonOf(email, "no-such-workspace")).toEqual(refused);
  });
});

describe("where the request names a workspace,", () => {
  const memberOfTwo = async () => {
    const { tenant: first, id, email } = await agentOf(app());
    const second = await app().tenant();
    await join(second, id);
    return { first, second, email };
  };

  test("a login opens that one, and no other", async () => {
    const { first, second, email } = await memberOfTwo();
    for (const { id, slug } of [first, second]) {
      const answer = await logInRaw(app().url, email, { headers: { "X-Tenant-ID": id } });
      expect(answer.body.tenant.slug).toBe(slug);
    }
    const answer = await logInRaw(app().url, email, { tenant: first.slug, headers: { "X-Tenant-ID": second.id } });
    expect([...refusalOf(answer), answer.body.error.details.reason]).toEqual([401, "unauthenticated", "no_workspace"]);
    expect(answer.body.error.message).toContain("does not belong to the workspace of this address");
  });

  test("the cookie of another one is not renewed, and not spent", async () => {
    const { first, second, email } = await memberOfTwo();
    const { cookie } = cookieOf(await logInRaw(app().url, email, { tenant: first.slug }))!;
    const answer = await refreshWith(app().url, cookie, { "X-Tenant-ID": second.id });
    expect([...refusalOf(answer), answer.body.error.details.reason]).toEqual([
      401,
      "unauthenticated",
      "other_workspace",
    ]);
    expect((await refreshWith(app().url, cookie, { "X-Tenant-ID": first.id })).status).toBe(200);
  });
});

test("a login compares one password, whether the person exists or not", async () => {
  const { email } = await agentOf(app());
  const compare = vi.spyOn(bcrypt, "compare");
  await logInRaw(app().url, email);
  await logInRaw(app().url, email, { tenant: "no-such-workspace" });
  await logInRaw(app().url, "nobody@nowhere.test");
  expect(compare).toHaveBeenCalledTimes(3);
  const hashes = compare.mock.calls.map(([, hash]) => hash);
  expect(bcrypt.getRounds(hashes[2]!)).toBe(12);
  compare.mockRestore();
});

test.each([
  ["a password past the 72 bytes that bcrypt reads", { password: "ü".repeat(37) }],
  ["no password", { password: undefined }],
  ["an e-mail address that is none", { email: "somebody" }],
  ["an unknown field", { remember: true }],
  ["a number for a workspace", { tenant: 7 }],
  ["NUL in a password", { password: "with \0 inside" }],
])("%s is an invalid payload", async (_what, change) => {
  const body = { email: "somebody@somewhere.test", password: "something", ...change };
  const answer = await ask(app().url, "POST", "/auth/login", { body });
  expect([answer.status, answer.body.error.code]).toEqual([400, "invalid_payload"]);
});

test("a session keeps its device and address, a hash of its token, and an audit event of its start", async () => {
  const { tenant, id, email } = await agentOf(app());
  const answer = await logInRaw(app().url, email, { headers: { "User-Agent": "a test", "X-Request-Id": "login-1" } });
  const secret = cookieOf(answer)!.cookie.split(".")[2]!;
  const { rows } = await app().superuser.query("SELECT * FROM sessions WHERE tenant_id = $1", [tenant.id]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ user_id: id, device: "a test", address: expect.stringContaining("127.0.0.1") });
  expect(secret).not.toContain(rows[0].refresh_hash);
  expect(rows[0].refresh_hash).not.toContain(secret);
  const days = (rows[0].expires_at - rows[0].created_at) / 86_400_000;
  expect(Math.round(days)).toBe(30);
  expect(await auditOf(app(), tenant)).toMatchObject([
    {
      action: "auth.login",
      actor_kind: "agent",
      actor_id: id,
      target_id: rows[0].id,
      after: { device: "a test" },
      request_id: "login-1",
    },
  ]);
});

test("a colleague's sessions are their own", async () => {
  const { tenant, email } = await agentOf(app());
  const colleague = await addAgent(app().superuser, tenant);
  const [mine, theirs] = await Promise.all([logInRaw(app().url, email), logInRaw(app().url, colleague.email)]);
  expect(cookieOf(mine)!.cookie).not.toBe(cookieOf(theirs)!.cookie);
});
