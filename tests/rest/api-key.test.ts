import { describe, expect, test } from "vitest";
import type { Permission } from "../../server/contract/permissions.ts";
import { startApp, useApp } from "../support/app.ts";
import type { TestTenant } from "../support/tenant.ts";
import { addAgent } from "../support/tenant.ts";
import { ask, auditOf, refusalOf, tokenFor } from "./requests.ts";

const app = useApp();

const admins = () => app().tenant({ roles: ["tenant_admin", "agent"] });

/** Makes a key as a member of the tenant, its first unless another is named. */
const create = async (
  tenant: TestTenant,
  body: { name?: string; permissions?: Permission[]; expiresAt?: string | null } = {},
  token?: string,
) =>
  ask(app().url, "POST", "/api-keys", {
    token: token ?? (await tokenFor(app(), tenant)),
    body: { name: "Our CRM", permissions: ["conversation.read", "conversation.read_all", "department.read"], ...body },
  });

const keyOf = async (...args: Parameters<typeof create>): Promise<string> => (await create(...args)).body.key;
const list = (key: string) => ask(app().url, "GET", "/conversations", { token: key });
const sql = (text: string, values: unknown[]) => app().superuser.query(text, values);

describe("an API key", () => {
  test("is shown once, begins as lists show it, and its secret is kept nowhere", async () => {
    const tenant = await admins();
    const { status, body } = await create(tenant);
    expect(status).toBe(201);
    expect(body.key).toMatch(/^parley_[\w-]{87}$/u);
    expect(body.key.startsWith(body.apiKey.prefix)).toBe(true);
    const listed = await ask(app().url, "GET", "/api-keys", { token: await tokenFor(app(), tenant) });
    expect(listed.body.data).toEqual([body.apiKey]);
    const { rows } = await sql("SELECT to_jsonb(k) AS k FROM api_keys k WHERE tenant_id = $1", [tenant.id]);
    const written = JSON.stringify([rows, await auditOf(app(), tenant)]);
    expect(written).not.toContain(body.key.slice("parley_".length, 50));
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "api_key.create",
      actor_id: tenant.agents[0]!.id,
      after: { name: "Our CRM", prefix: body.apiKey.prefix },
    });
  });

  test("acts for its maker with what it was given and they still hold", async () => {
    const tenant = await admins();
    const contact = await app().contact(tenant);
    const { id } = await contact.start("hello");
    const key = await keyOf(tenant, { permissions: ["conversation.read", "conversation.read_all", "message.send"] });
    expect((await list(key)).body.data.map((each: { id: string }) => each.id)).toEqual([id]);
    expect(refusalOf(await ask(app().url, "GET", "/departments", { token: key }))).toEqual([403, "permission_denied"]);
    await sql("UPDATE memberships SET role = 'read_only' WHERE tenant_id = $1 AND user_id = $2", [
      tenant.id,
      tenant.agents[0]!.id,
    ]);
    expect((await list(key)).status).toBe(200);
    const sending = await ask(app().url, "POST", `/conversations/${id}/messages`, {
      token: key,
      body: { clientId: "c", body: "hello" },
    });
    expect(refusalOf(sending)).toEqual([403, "permission_denied"]);
  });

  test("is named in the audit log as who acted, on its maker's behalf", async () => {
    const tenant = await admins();
    const contact = await app().contact(tenant);
    const { id } = await contact.start("hello");
    const made = await create(tenant, {
      permissions: ["conversation.read", "conversation.read_all", "conversation.resolve"],
    });
    const resolved = await ask(app().url, "POST", `/conversations/${id}/resolve`, { token: made.body.key, body: {} });
    expect(resolved.status).toBe(200);
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "conversation.resolve",
      actor_kind: "api_key",
      actor_id: made.body.apiKey.id,
      actor_name: "Our CRM",
      on_behalf_of_id: tenant.agents[0]!.id,
    });
  });

  test("says when it was last used", async () => {
    const tenant = await admins();
    const { body } = await create(tenant);
    expect(body.apiKey.lastUsedAt).toBeNull();
    await Promise.all([1, 2, 3, 4].map(() => list(body.key)));
    const listed = await ask(app().url, "GET", "/api-keys", { token: await tokenFor(app(), tenant) });
    expect(Date.parse(listed.body.data[0].lastUsedAt)).toBeGreaterThanOrEqual(Date.parse(body.apiKey.createdAt));
  });

  test("opens no socket", async () => {
    const tenant = await admins();
    const key = await keyOf(tenant);
    await expect(app().agent(tenant, { token: () => key })).rejects.toThrow("not valid");
  });
});

describe("an API key is refused", () => {
  const refused = [401, "unauthenticated"];

  test("once it is revoked, and revoking it again changes nothing", async () => {
    const tenant = await admins();
    const { body } = await create(tenant);
    const token = await tokenFor(app(), tenant);
    expect((await list(body.key)).status).toBe(200);
    const path = `/api-keys/${body.apiKey.id}`;
    expect((await ask(app().url, "DELETE", path, { token })).status).toBe(204);
    expect(refusalOf(await list(body.key))).toEqual(refused);
    const events = (await auditOf(app(), tenant)).length;
    expect((await ask(app().url, "DELETE", path, { token })).status).toBe(204);
    expect(await auditOf(app(), tenant)).toHaveLength(events);
  });

  test("once it has run out", async () => {
    const tenant = await admins();
    const key = await keyOf(tenant, { expiresAt: "2099-01-01T00:00:00.000Z" });
    expect((await list(key)).status).toBe(200);
    await sql("UPDATE api_keys SET expires_at = now() WHERE tenant_id = $1", [tenant.id]);
    expect(refusalOf(await list(key))).toEqual(refused);
  });

  test("once its maker is deactivated, and stays so when they are back", async () => {
    const tenant = await admins();
    const other = await addAgent(app().superuser, tenant, "tenant_admin");
    const key = await keyOf(tenant);
    const token = await tokenFor(app(), tenant, other);
    const make = async (what: string) => {
      const answer = await ask(app().url, "POST", `/agents/${tenant.agents[0]!.id}/${what}`, { token });
      expect(answer.status).toBe(200);
    };
    await make("deactivate");
    expect(refusalOf(await list(key))).toEqual(refused);
    // One that was made at the very moment its maker left.
    await sql("UPDATE api_keys SET revoked_at = NULL WHERE tenant_id = $1", [tenant.id]);
    expect(refusalOf(await list(key))).toEqual(refused);
    await make("reactivate");
    expect(refusalOf(await list(key))).toEqual(refused);
    const events = await auditOf(app(), tenant);
    expect(events.filter(({ action }) => action === "api_key.revoke")).toHaveLength(2);
  });

  test("while the workspace is suspended", async () => {
    const tenant = await admins();
    const key = await keyOf(tenant);
    await sql("UPDATE tenants SET status = 'suspended' WHERE id = $1", [tenant.id]);
    expect(refusalOf(await list(key))).toEqual(refused);
  });

  test("while the plan does not include API keys; revoking stays possible", async () => {
    const tenant = await admins();
    const { body } = await create(tenant);
    await sql("UPDATE tenants SET plan = 'basic' WHERE id = $1", [tenant.id]);
    expect(refusalOf(await list(body.key))).toEqual([403, "limit_exceeded"]);
    expect(refusalOf(await create(tenant))).toEqual([403, "limit_exceeded"]);
    const path = `/api-keys/${body.apiKey.id}`;
    expect((await ask(app().url, "DELETE", path, { token: await tokenFor(app(), tenant) })).status).toBe(204);
  });

  test("when a single character of it is another", async () => {
    const key = await keyOf(await admins());
    for (const place of [10, 40, 52, 60, 74, 80]) {
      const other = key[place] === "A" ? "B" : "A";
      const answer = await list(`${key.slice(0, place)}${other}${key.slice(place + 1)}`);
      expect([place, ...refusalOf(answer)]).toEqual([place, ...refused]);
    }
    for (const made of ["parley_", `parley_${"A".repeat(87)}`, `${key}A`, key.toUpperCase()])
      expect(refusalOf(await list(made))).toEqual(refused);
  });

  test("for what a person must do themselves", async () => {
    const tenant = await admins();
    const key = await keyOf(tenant, { permissions: ["api_key.manage", "conversation.read"] });
    expect(refusalOf(await create(tenant, { permissions: ["conversation.read"] }, key))).toEqual([
      403,
      "permission_denied",
    ]);
  });
});

describe("making an API key", () => {
  test("hands on nothing its maker does not hold", async () => {
    const tenant = await admins();
    for (const permission of ["platform.read", "platform.impersonate"] as Permission[]) {
      const answer = await create(tenant, { permissions: ["conversation.read", permission] });
      expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
      expect(answer.body.error.details).toEqual({ permissions: [permission] });
    }
    expect((await sql("SELECT 1 FROM api_keys WHERE tenant_id = $1", [tenant.id])).rowCount).toBe(0);
  });

  test("takes an end that is yet to come, and exists", async () => {
    const tenant = await admins();
    for (const expiresAt of ["2020-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "tomorrow", "2099-13-01T00:00:00Z"])
      expect(refusalOf(await create(tenant, { expiresAt }))).toEqual([400, "invalid_payload"]);
    expect((await create(tenant, { expiresAt: null })).body.apiKey.expiresAt).toBeNull();
  });

  test("is for those with the permission", async () => {
    const tenant = await admins();
    const token = await tokenFor(app(), tenant, tenant.agents[1]);
    expect(refusalOf(await create(tenant, {}, token))).toEqual([403, "permission_denied"]);
  });
});

test("keys are listed the newest first, a page at a time, and a new one shifts no page", async () => {
  const tenant = await admins();
  const token = await tokenFor(app(), tenant);
  const names = ["one", "two", "three", "four", "five"];
  for (const name of names) await create(tenant, { name }, token);
  const page = (query: string) => ask(app().url, "GET", `/api-keys?${query}`, { token });
  const first = await page("limit=2");
  await create(tenant, { name: "late" }, token);
  const second = await page(`limit=2&cursor=${first.body.nextCursor}`);
  const third = await page(`limit=2&cursor=${second.body.nextCursor}`);
  const seen = [first, second, third].flatMap(({ body }) => body.data.map((each: { name: string }) => each.name));
  expect(seen).toEqual(names.toReversed());
  expect(third.body.nextCursor).toBeNull();
  expect(refusalOf(await page("cursor=nonsense"))).toEqual([400, "invalid_payload"]);
});

test("made-up keys use up the allowance of their address, and true ones do not", async () => {
  // Fifty keys at once from one address, twenty reads by one caller.
  const small = await startApp({ RATE_LIMIT_FACTOR: "0.1" });
  const tenant = await small.tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(small, tenant);
  const body = { name: "Our CRM", permissions: ["conversation.read"] };
  const { key } = (await ask(small.url, "POST", "/api-keys", { token, body })).body;
  const get = (shown: string) => ask(small.url, "GET", "/conversations", { token: shown });
  for (let n = 0; n < 15; n += 1) expect((await get(key)).status).toBe(200);
  const codes: string[] = [];
  while (codes.at(-1) !== "rate_limited" && codes.length < 1_000)
    codes.push(refusalOf(await get(`parley_${"A".repeat(87)}`))[1]);
  expect(codes.at(-1)).toBe("rate_limited");
  expect(codes.length).toBeGreaterThan(50);
  expect((await ask(small.url, "GET", "/me", { token })).status).toBe(200);
});

test("a key has an allowance of its own beside its maker's", async () => {
  const tenant = await admins();
  const member = await addAgent(app().superuser, tenant, "tenant_admin");
  const token = await tokenFor(app(), tenant, member);
  const key = await keyOf(tenant, {}, token);
  const left = ({ headers }: { headers: Record<string, unknown> }) =>
    Number(/r=(\d+)/u.exec(String(headers["ratelimit"]))![1]);
  const before = left(await ask(app().url, "GET", "/me", { token }));
  for (let n = 0; n < 20; n += 1) await list(key);
  expect(left(await ask(app().url, "GET", "/me", { token }))).toBeGreaterThanOrEqual(before - 1);
});
