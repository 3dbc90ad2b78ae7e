import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { identityToken } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { CommandFailed } from "../../support/virtual-client.ts";
import { eventually } from "../../support/wait.ts";
import { type Settings, settingsOf } from "../department/calls.ts";
import { auditOf } from "../requests.ts";

const app = useApp();
let tenant: TestTenant;
let admin: Settings;

beforeEach(async () => {
  tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  admin = await settingsOf(app(), tenant);
});

const create = (body: object): Promise<any> => admin.call("inbox/create", { body });
const read = async (inboxId: string): Promise<any> => (await admin.call("inbox/get", { params: { inboxId } })).inbox;

/** The tenant with another way in. */
const through = ({ id, key }: { id: string; key: string }, origin: string, identitySecret = "-"): TestTenant => ({
  ...tenant,
  inbox: { id, key, origin, identitySecret },
});

const codeOf = (error: unknown): string => {
  if (!(error instanceof CommandFailed)) throw error;
  return error.error.code;
};

describe("creating", () => {
  test("a page with the new key can talk at once, and its conversations go to the inbox's department", async () => {
    const { inbox } = await create({
      name: "Shop",
      allowedOrigins: ["https://shop.test"],
      departmentId: tenant.departmentId,
    });
    const contact = await app().contact(through(inbox, "https://shop.test"));
    const conversation = await contact.start("hello");
    expect(conversation).toMatchObject({ inboxId: inbox.id, departmentId: tenant.departmentId });
    await expect(app().contact(through(inbox, "https://elsewhere.test"))).rejects.toThrow("does not allow the page");
  });

  test("its identity secret works, is shown once and is in no list, no look and no audit event", async () => {
    const { inbox, identitySecret } = await create({ name: "Shop", allowedOrigins: ["https://shop.test"] });
    expect(identitySecret.secret.length).toBeGreaterThanOrEqual(43);
    expect(inbox.identitySecrets).toEqual([{ id: identitySecret.id }]);
    const where = through(inbox, "https://shop.test", identitySecret.secret);
    const contact = await app().contact(where, { identityToken: identityToken(where, "customer-1") });
    expect((await contact.start("it is me")).contact).toMatchObject({ verified: true });
    const shown = JSON.stringify([await read(inbox.id), await admin.call("inbox/list"), await auditOf(app(), tenant)]);
    expect(shown).not.toContain(identitySecret.secret);
  });

  test("keys and secrets are never the same twice, and an origin given twice counts once", async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => create({ name: "Shop", allowedOrigins: ["https://a.test", "https://a.test"] })),
    );
    expect(new Set(made.map(({ inbox }) => inbox.key)).size).toBe(5);
    expect(new Set(made.map(({ identitySecret }) => identitySecret.secret)).size).toBe(5);
    expect(made[0].inbox.allowedOrigins).toEqual(["https://a.test"]);
  });

  test("what is no exact origin is refused", async () => {
    for (const origin of [
      "https://shop.test/",
      "https://shop.test:443",
      "HTTPS://shop.test",
      "shop.test",
      "https://*.shop.test",
      "ftp://shop.test",
      "null",
      "*",
      "",
    ])
      expect([
        origin,
        ...(await admin.refused("inbox/create", { body: { name: "Shop", allowedOrigins: [origin] } })),
      ]).toEqual([origin, 400, "invalid_payload"]);
  });

  test("another workspace's department is not found, and nothing is made", async () => {
    const other = await app().tenant();
    for (const departmentId of [other.departmentId, randomUUID()])
      expect(await admin.refused("inbox/create", { body: { name: "Shop", departmentId } })).toEqual([404, "not_found"]);
    expect((await admin.call("inbox/list")).data).toHaveLength(1);
  });

  test("many at once never pass the plan's limit", async () => {
    const small = await app().tenant({ roles: ["tenant_admin"], plan: "pro" });
    const settings = await settingsOf(app(), small);
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, n) => settings.ask("inbox/create", { body: { name: `Inbox ${n}` } })),
    );
    // One stands already, and ten are allowed.
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(9);
    expect(answers.find(({ status }) => status !== 201)!.body.error).toMatchObject({
      code: "limit_exceeded",
      details: { limit: "inboxes", current: 10, most: 10 },
    });
  });
});

describe("changing", () => {
  test("origins are replaced, and pages of the new ones get in within seconds", async () => {
    const params = { inboxId: tenant.inbox.id };
    const { inbox } = await admin.call("inbox/update", {
      params,
      body: { allowedOrigins: ["https://new.test"], departmentId: null },
    });
    expect(inbox).toMatchObject({ allowedOrigins: ["https://new.test"], departmentId: null });
    await eventually(async () => app().contact(through(tenant.inbox, "https://new.test")), "the new page gets in");
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "inbox.update",
      before: { allowedOrigins: [tenant.inbox.origin], departmentId: tenant.departmentId },
      after: { allowedOrigins: ["https://new.test"], departmentId: null },
    });
  });

  test("what changes nothing is not written down", async () => {
    const before = (await auditOf(app(), tenant)).length;
    await admin.call("inbox/update", { params: { inboxId: tenant.inbox.id }, body: { name: "Website" } });
    expect((await auditOf(app(), tenant)).length).toBe(before);
  });
});

describe("rotating the identity secret", () => {
  const rotate = async (inboxId: string): Promise<any> =>
    (await admin.call("inbox/add-identity-secret", { params: { inboxId }, body: {} })).identitySecret;

  test("both count while there are two, and only the new one once the old one is removed", async () => {
    const { inbox, identitySecret: old } = await create({ name: "Shop", allowedOrigins: ["https://shop.test"] });
    const fresh = await rotate(inbox.id);
    expect((await read(inbox.id)).identitySecrets).toEqual([{ id: old.id }, { id: fresh.id }]);
    const identify = (secret: string) => {
      const where = through(inbox, "https://shop.test", secret);
      return app().contact(where, { identityToken: identityToken(where, "customer-1") });
    };
    await identify(old.secret);
    await identify(fresh.secret);
    await admin.call("inbox/remove-identity-secret", { params: { inboxId: inbox.id, secretId: old.id } });
    expect((await read(inbox.id)).identitySecrets).toEqual([{ id: fresh.id }]);
    await identify(fresh.secret);
    await eventually(
      () =>
        identify(old.secret).then(
          () => false,
          (error: unknown) => codeOf(error) === "unauthenticated",
        ),
      "the old secret counts no longer",
    );
  });

  test("there are never more than two, not even when many are asked for at once", async () => {
    const { inbox } = await create({ name: "Shop" });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        admin.ask("inbox/add-identity-secret", { params: { inboxId: inbox.id }, body: {} }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
    expect((await read(inbox.id)).identitySecrets).toHaveLength(2);
  });

  test("a secret there is none of is not found, and an id that is none is refused", async () => {
    const { inbox } = await create({ name: "Shop" });
    const params = { inboxId: inbox.id, secretId: "0123456789ab" };
    expect(await admin.refused("inbox/remove-identity-secret", { params })).toEqual([404, "not_found"]);
    expect(await admin.refused("inbox/remove-identity-secret", { params: { ...params, secretId: "x" } })).toEqual([
      400,
      "invalid_payload",
    ]);
  });
});

describe("removing", () => {
  test("one nobody wrote to is gone, and its key opens nothing", async () => {
    const { inbox } = await create({ name: "Shop", allowedOrigins: ["https://shop.test"] });
    await admin.call("inbox/delete", { params: { inboxId: inbox.id } });
    expect(await admin.refused("inbox/get", { params: { inboxId: inbox.id } })).toEqual([404, "not_found"]);
    const refusal = await app()
      .contact(through(inbox, "https://shop.test"))
      .then(() => "connected", codeOf);
    expect(refusal).toBe("not_found");
  });

  test("one with conversations is archived: these stay, its key opens nothing, and nothing of it can be changed", async () => {
    const contact = await app().contact(tenant);
    const { id: conversationId } = await contact.start("hello");
    const params = { inboxId: tenant.inbox.id };
    await admin.call("inbox/delete", { params });
    expect((await admin.call("inbox/list")).data).toEqual([]);
    expect((await admin.call("inbox/list", { query: "?archived=true" })).data).toMatchObject([
      { id: tenant.inbox.id, archived: true },
    ]);
    const agent = await app().agent(tenant, { agent: tenant.agents[1]! });
    expect((await agent.open(conversationId)).inboxId).toBe(tenant.inbox.id);
    await eventually(
      () =>
        app()
          .contact(tenant)
          .then(
            () => false,
            (error: unknown) => codeOf(error) === "not_found",
          ),
      "nobody new gets in",
    );
    for (const [name, body] of [
      ["inbox/update", { name: "Back" }],
      ["inbox/delete", undefined],
      ["inbox/add-identity-secret", {}],
    ] as const)
      expect([name, ...(await admin.refused(name, { params, body }))]).toEqual([name, 409, "conflict"]);

    const { inbox } = await admin.call("inbox/restore", { params, body: {} });
    expect(inbox).toMatchObject({ id: tenant.inbox.id, key: tenant.inbox.key, archived: false });
    expect(await admin.call("inbox/restore", { params, body: {} })).toEqual({ inbox });
    await eventually(async () => app().contact(tenant), "pages with the old key get in again");
  });

  test("an archived one does not count for the plan", async () => {
    const small = await app().tenant({ roles: ["tenant_admin"], plan: "basic" });
    const settings = await settingsOf(app(), small);
    await (await app().contact(small)).start("hello");
    expect(await settings.refused("inbox/create", { body: { name: "Second" } })).toEqual([403, "limit_exceeded"]);
    await settings.call("inbox/delete", { params: { inboxId: small.inbox.id } });
    await settings.call("inbox/create", { body: { name: "Second" } });
    const params = { inboxId: small.inbox.id };
    expect(await settings.refused("inbox/restore", { params, body: {} })).toEqual([403, "limit_exceeded"]);
  });
});

test("a list goes on where its page ended, and names everything once", async () => {
  for (const name of ["A", "B", "C", "D"]) await create({ name });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await admin.call("inbox/list", { query: `?limit=2${cursor === null ? "" : `&cursor=${cursor}`}` });
    seen.push(...page.data.map(({ name }: { name: string }) => name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen.toSorted()).toEqual(["A", "B", "C", "D", "Website"]);
  expect(await admin.refused("inbox/list", { query: "?cursor=elsewhere" })).toEqual([400, "invalid_payload"]);
});

test("managers may look, agents may not even that", async () => {
  const manager = await settingsOf(app(), await app().tenant({ roles: ["manager"] }));
  await manager.call("inbox/list");
  expect(await manager.refused("inbox/create", { body: { name: "Mine" } })).toEqual([403, "permission_denied"]);
  const agent = await settingsOf(app(), tenant, tenant.agents[1]);
  expect(await agent.refused("inbox/list")).toEqual([403, "permission_denied"]);
});

test("another workspace's inbox is not found, whatever is asked of it", async () => {
  const other = await app().tenant();
  const params = { inboxId: other.inbox.id, secretId: "0123456789ab" };
  for (const [name, body] of [
    ["inbox/get", undefined],
    ["inbox/update", { name: "Mine" }],
    ["inbox/delete", undefined],
    ["inbox/restore", {}],
    ["inbox/add-identity-secret", {}],
    ["inbox/remove-identity-secret", undefined],
  ] as const)
    expect([name, ...(await admin.refused(name, { params, body }))]).toEqual([name, 404, "not_found"]);
});
