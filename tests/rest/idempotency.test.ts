import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { systemCtx, transaction } from "../../server/context.ts";
import { once } from "../../server/features/idempotency/once.ts";
import { Refusal } from "../../server/contract/errors.ts";
import { handlers } from "../../workers/handlers.ts";
import { startApp, useApp } from "../support/app.ts";
import type { TestTenant } from "../support/tenant.ts";
import { password } from "../support/tenant.ts";
import { ask, auditOf, cookieOf, raw, refreshWith, refusalOf, tokenFor, settled } from "./requests.ts";

const app = useApp();

const admins = async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin"] });
  return { tenant, token: await tokenFor(app(), tenant) };
};

const createKey = (token: string, key: string, name = "Our CRM") =>
  ask(app().url, "POST", "/api-keys", {
    token,
    body: { name, permissions: ["conversation.read"] },
    headers: { "Idempotency-Key": key },
  });

const countKeys = async ({ id }: TestTenant) =>
  (await app().superuser.query("SELECT FROM api_keys WHERE tenant_id = $1", [id])).rowCount;
const rowsOf = async (key: string) =>
  (await app().superuser.query("SELECT * FROM idempotency_keys WHERE key = $1", [key])).rows;

describe("a POST with an Idempotency-Key", () => {
  test("takes effect once and is answered alike each time, secrets included", async () => {
    const { tenant, token } = await admins();
    const key = randomUUID();
    const [first, again] = [await createKey(token, key), await createKey(token, key)];
    expect(first.status).toBe(201);
    expect(first.headers["idempotency-replayed"]).toBeUndefined();
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(await countKeys(tenant)).toBe(1);
    expect((await auditOf(app(), tenant)).filter(({ action }) => action === "api_key.create")).toHaveLength(1);
  });

  test("is refused with the same key for anything else, and changes nothing", async () => {
    const { tenant, token } = await admins();
    const key = randomUUID();
    await createKey(token, key);
    expect(refusalOf(await createKey(token, key, "Another"))).toEqual([409, "conflict"]);
    expect(await countKeys(tenant)).toBe(1);
  });

  test("has one effect and one answer for twenty twins at once", async () => {
    const { tenant, token } = await admins();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => createKey(token, key)));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]!.status).toBe(201);
    expect(await countKeys(tenant)).toBe(1);
  });

  test("is not mixed up with another person's, another workspace's or another route's", async () => {
    const { tenant, token } = await admins();
    const other = await admins();
    const second = await tokenFor(app(), tenant, tenant.agents[1]);
    const key = randomUUID();
    const answers = await Promise.all([createKey(token, key), createKey(second, key), createKey(other.token, key)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.key)).size).toBe(3);
    const domain = await ask(app().url, "POST", "/domains", {
      token,
      body: { host: `${key}.example.com` },
      headers: { "Idempotency-Key": key },
    });
    expect(domain.status).toBe(201);
  });

  test("is told by the path as well as by the body", async () => {
    const { tenant, token } = await admins();
    const contact = await app().contact(tenant);
    const [one, other] = [await contact.start("one"), await contact.start("other")];
    const resolve = (id: string) =>
      ask(app().url, "POST", `/conversations/${id}/resolve`, {
        token,
        body: {},
        headers: { "Idempotency-Key": "the-key" },
      });
    expect((await resolve(one.id)).status).toBe(200);
    expect(refusalOf(await resolve(other.id))).toEqual([409, "conflict"]);
  });

  test("that was refused for good is refused alike, though it would be possible by now", async () => {
    const { tenant, token } = await admins();
    const claim = (key: string) =>
      ask(app().url, "POST", "/domains", {
        token,
        body: { host: `${tenant.slug}.example.com` },
        headers: { "Idempotency-Key": key },
      });
    expect((await claim("first")).status).toBe(201);
    const refused = await claim("second");
    expect(refusalOf(refused)).toEqual([409, "conflict"]);
    await app().superuser.query("DELETE FROM tenant_domains WHERE tenant_id = $1", [tenant.id]);
    const again = await claim("second");
    expect([again.status, again.body, again.headers["idempotency-replayed"]]).toEqual([409, refused.body, "true"]);
    expect((await claim("third")).status).toBe(201);
  });

  test("that was not as described leaves its key unused", async () => {
    const { token } = await admins();
    const key = randomUUID();
    const bad = await ask(app().url, "POST", "/api-keys", {
      token,
      body: { name: "" },
      headers: { "Idempotency-Key": key },
    });
    expect(refusalOf(bad)).toEqual([400, "invalid_payload"]);
    expect((await createKey(token, key)).status).toBe(201);
  });

  test("asks for the token and the right each time", async () => {
    const { tenant, token } = await admins();
    const key = randomUUID();
    await createKey(token, key);
    await app().superuser.query("UPDATE memberships SET role = 'agent' WHERE tenant_id = $1", [tenant.id]);
    expect(refusalOf(await createKey(token, key))).toEqual([403, "permission_denied"]);
    expect(refusalOf(await createKey("nonsense", key))).toEqual([401, "unauthenticated"]);
  });

  test("takes a key of 1 to 200 visible characters", async () => {
    const { token } = await admins();
    for (const key of ["x".repeat(201), "with space", "tab\tbed", "\u00e9"])
      expect(refusalOf(await createKey(token, key))).toEqual([400, "invalid_payload"]);
    for (const key of ["1", "x".repeat(200), "a~!/{}"]) expect((await createKey(token, key)).status).toBe(201);
  });

  test("is kept without a readable word of question or answer", async () => {
    const { token } = await admins();
    const key = randomUUID();
    const { body } = await createKey(token, key, "a telling name");
    const kept = JSON.stringify(await rowsOf(key));
    for (const word of [body.key, body.apiKey.id, "telling", "conversation.read"]) expect(kept).not.toContain(word);
  });
});

test("an Idempotency-Key on any other method is of no effect", async () => {
  const { token } = await admins();
  const headers = { "Idempotency-Key": "not visible \t" };
  expect((await ask(app().url, "GET", "/me", { token, headers })).status).toBe(200);
});

describe("signing in with an Idempotency-Key", () => {
  const logIn = (email: string, key: string, secret = password) =>
    ask(app().url, "POST", "/auth/login", { body: { email, password: secret }, headers: { "Idempotency-Key": key } });
  const sessionsOf = async (userId: string) =>
    (await app().superuser.query("SELECT FROM sessions WHERE user_id = $1", [userId])).rowCount;

  test("starts one session, whose cookie comes again with the answer", async () => {
    const tenant = await app().tenant();
    const { email, id } = tenant.agents[0]!;
    const key = randomUUID();
    const [first, again] = [await logIn(email, key), await logIn(email, key)];
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(cookieOf(again)).toEqual(cookieOf(first));
    expect(await sessionsOf(id)).toBe(1);
  });

  test("is never answered without the password, and a wrong one is no answer to keep", async () => {
    const { tenant } = await admins();
    const { email } = tenant.agents[0]!;
    const key = randomUUID();
    expect(refusalOf(await logIn(email, key, "not the password"))).toEqual([401, "unauthenticated"]);
    expect((await logIn(email, key)).status).toBe(200);
    expect(refusalOf(await logIn(email, key, "not the password"))).toEqual([409, "conflict"]);
  });

  test("keeps one visitor's refresh from another's cookie", async () => {
    const { tenant } = await admins();
    const [one, other] = [await logIn(tenant.agents[0]!.email, "a"), await logIn(tenant.agents[1]!.email, "b")];
    const headers = { "Idempotency-Key": randomUUID() };
    const refreshed = await refreshWith(app().url, cookieOf(one)!.cookie, headers);
    expect(refreshed.body.user.id).toBe(tenant.agents[0]!.id);
    const again = await refreshWith(app().url, cookieOf(one)!.cookie, headers);
    expect([again.status, again.body]).toEqual([200, refreshed.body]);
    for (const cookie of [cookieOf(other)!.cookie, undefined])
      expect(refusalOf(await refreshWith(app().url, cookie, headers))).toEqual([409, "conflict"]);
  });
});

describe("a first request that dies", () => {
  const request = (tenant: TestTenant) => ({
    tenantId: tenant.id,
    scope: "somebody POST /somewhere",
    key: randomUUID(),
    content: "the same",
  });
  const node = () => app().app.node;
  const done = { status: 200, body: { done: true }, cookies: [] };
  /** As if the node had ended in the middle: nothing after it is carried out, and its time runs out. */
  const leave = async ({ key }: { key: string }) => {
    await app().superuser.query(
      "UPDATE idempotency_keys SET locked_until = now() - interval '1 second' WHERE key = $1",
      [key],
    );
  };
  const begin = async (asked: ReturnType<typeof request>) => {
    await app().superuser.query("DELETE FROM idempotency_keys WHERE key = $1", [asked.key]);
    let reached!: () => void;
    const started = new Promise<void>((resolve) => (reached = resolve));
    void once(node(), asked, () => {
      reached();
      return new Promise(() => {});
    });
    await started;
  };

  test("before it changed anything is carried out by the next", async () => {
    const { tenant } = await admins();
    const asked = request(tenant);
    await begin(asked);
    await leave(asked);
    expect(await once(node(), asked, () => Promise.resolve(done))).toEqual({ answer: done, replayed: false });
    expect(await once(node(), asked, () => Promise.reject(new Error("never")))).toEqual({
      answer: done,
      replayed: true,
    });
  });

  test("after it changed something is never carried out again", async () => {
    const { tenant } = await admins();
    const asked = request(tenant);
    await begin(asked);
    await transaction({ ...systemCtx(node(), tenant), once: { ...asked, taken: false } }, (tx) =>
      tx.audit("role.update", undefined),
    );
    await leave(asked);
    const next = once(node(), asked, () => Promise.reject(new Error("never")));
    await expect(next).rejects.toMatchObject({ code: "conflict" });
  });

  test("and wakes up late changes nothing any more", async () => {
    const { tenant } = await admins();
    const asked = request(tenant);
    await begin(asked);
    await leave(asked);
    await once(node(), asked, async () => {
      await transaction({ ...systemCtx(node(), tenant), once: { ...asked, taken: false } }, (tx) =>
        tx.audit("role.update", undefined),
      );
      return done;
    });
    const late = transaction({ ...systemCtx(node(), tenant), once: { ...asked, taken: false } }, (tx) =>
      tx.audit("role.delete", undefined),
    );
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    expect((await auditOf(app(), tenant)).map(({ action }) => action)).toEqual(["role.update"]);
  });

  test("by a refusal that may pass is carried out when it comes again", async () => {
    const { tenant } = await admins();
    const asked = request(tenant);
    for (const code of ["unavailable", "rate_limited", "unauthenticated", "internal"] as const) {
      const refused = once(node(), asked, () => Promise.reject(new Refusal(code, "Not now.")));
      await expect(refused).rejects.toMatchObject({ code });
    }
    await expect(once(node(), asked, () => Promise.reject(new Error("a fault")))).rejects.toThrow("a fault");
    expect((await once(node(), asked, () => Promise.resolve(done))).replayed).toBe(false);
  });
});

test("kept answers are sealed for their own request: one copied under another key opens nothing", async () => {
  const { token } = await admins();
  const [mine, other] = [randomUUID(), randomUUID()];
  await createKey(token, mine, "mine");
  await createKey(token, other, "mine");
  await app().superuser.query(
    "UPDATE idempotency_keys SET answer = (SELECT answer FROM idempotency_keys WHERE key = $1) WHERE key = $2",
    [mine, other],
  );
  expect(refusalOf(await createKey(token, other, "mine"))).toEqual([409, "conflict"]);
});

test("answers are forgotten after a day, and those to people nobody knows after a quarter of an hour", async () => {
  const { tenant, token } = await admins();
  const [old, young] = [randomUUID(), randomUUID()];
  await createKey(token, old);
  await createKey(token, young);
  const anonymous = randomUUID();
  await ask(app().url, "POST", "/auth/login", {
    body: { email: tenant.agents[0]!.email, password },
    headers: { "Idempotency-Key": anonymous },
  });
  const age = (key: string, by = "25 hours") =>
    app().superuser.query("UPDATE idempotency_keys SET created_at = now() - $2::interval WHERE key = $1", [key, by]);
  await Promise.all([age(old), age(young, "23 hours"), age(anonymous, "16 minutes")]);
  await handlers["idempotency.purge"](app().app.node);
  expect([await rowsOf(old), await rowsOf(anonymous)]).toEqual([[], []]);
  expect(await rowsOf(young)).toHaveLength(1);
  // Even before that, what is older than a day is a new request.
  await age(young);
  expect((await createKey(token, young)).headers["idempotency-replayed"]).toBeUndefined();
  expect(await countKeys(tenant)).toBe(3);
});

test("one address leaves no more than so many keys without a token, and others are not held up", async () => {
  const small = await startApp({ RATE_LIMIT_FACTOR: "0.1", TRUSTED_PROXIES: "1" });
  await settled(small);
  const block = `2001:db8:f${randomUUID().slice(0, 3)}`;
  const tryKey = (address: string, key: string = randomUUID()) =>
    ask(small.url, "POST", "/auth/password/forgot", {
      body: { email: "nobody@example.test" },
      headers: { "Idempotency-Key": key, "X-Forwarded-For": address },
    });
  await small.app.node.sharedLimits.take({ of: "keysOfAddress", key: [`${block}:1::/64`], points: 9 });
  expect((await tryKey(`${block}:1::1`)).status).toBe(204);
  const key = randomUUID();
  expect(refusalOf(await tryKey(`${block}:1::2`, key))).toEqual([429, "rate_limited"]);
  const { rowCount } = await small.superuser.query("SELECT FROM idempotency_keys WHERE key = $1", [key]);
  expect(rowCount).toBe(0);
  expect((await tryKey(`${block}:2::1`)).status).toBe(204);
});

test("a body that is not announced as JSON is refused with a key as without", async () => {
  const { token } = await admins();
  const answer = await raw(app().url, {
    method: "POST",
    path: "/api/v1/api-keys",
    headers: {
      Authorization: `Bearer ${token}`,
      "Idempotency-Key": "k",
      "Content-Type": "text/plain",
      "Content-Length": "2",
    },
    body: "{}",
  });
  expect(refusalOf(answer)).toEqual([400, "invalid_payload"]);
});

test("a workspace sees no other's keys", async () => {
  const [one, other] = [await admins(), await admins()];
  await createKey(one.token, randomUUID());
  const { tenancy } = app().app.node;
  const { rows } = await tenancy.withTenant(other.tenant.id, (db) => db.execute(sql`SELECT FROM idempotency_keys`));
  expect(rows).toEqual([]);
});
