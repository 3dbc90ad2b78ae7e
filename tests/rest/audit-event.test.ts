import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { redact } from "../../server/features/audit-event/redact.ts";
import { useApp } from "../support/app.ts";
import type { TestTenant } from "../support/tenant.ts";
import { ask, auditOf, refusalOf, tokenFor } from "./requests.ts";

const app = useApp();

type Written = { action?: string; actorId?: string; at?: string; after?: unknown; name?: string; requestId?: string };

/** Writes events straight into the log, each a second after the one before. */
const write = async (tenant: TestTenant, events: Written[]): Promise<string[]> => {
  const ids = events.map(() => randomUUID());
  for (const [n, event] of events.entries())
    await app().superuser.query(
      `INSERT INTO audit_events (tenant_id, id, actor_kind, actor_id, actor_name, action, after, request_id, created_at)
       VALUES ($1, $2, 'agent', $3, $4, $5, $6, $7, $8)`,
      [
        tenant.id,
        ids[n],
        event.actorId ?? tenant.agents[0]!.id,
        event.name ?? "Ada",
        event.action ?? "role.update",
        event.after === undefined ? null : JSON.stringify(event.after),
        event.requestId ?? null,
        event.at ?? new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString(),
      ],
    );
  return ids;
};

const admins = async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "manager", "agent"] });
  return { tenant, token: await tokenFor(app(), tenant) };
};

const list = (token: string, query = "") => ask(app().url, "GET", `/audit-events${query}`, { token });
const idsOf = ({ body }: { body: any }) => body.data.map(({ id }: { id: string }) => id);
const fetchExport = (token: string, query = "") =>
  fetch(`${app().url}/api/v1/audit-events/export${query}`, { headers: { Authorization: `Bearer ${token}` } });

describe("the audit log", () => {
  test("tells what was done, by whom, to what, before and after, by which request and from where", async () => {
    const { tenant, token } = await admins();
    const contact = await app().contact(tenant);
    const { id } = await contact.start("hello");
    const requestId = randomUUID();
    await ask(app().url, "POST", `/conversations/${id}/resolve`, {
      token,
      body: {},
      headers: { "X-Request-Id": requestId },
    });
    const { body } = await list(token, "?action=conversation.resolve");
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({
      action: "conversation.resolve",
      actor: { kind: "agent", id: tenant.agents[0]!.id, name: tenant.agents[0]!.name },
      targetId: id,
      requestId,
      address: "127.0.0.1",
    });
  });

  test("is read the newest first, a page at a time, and what is added meanwhile shifts no page", async () => {
    const { tenant, token } = await admins();
    const ids = await write(
      tenant,
      Array.from({ length: 7 }, () => ({})),
    );
    const first = await list(token, "?limit=3");
    await write(tenant, [{ at: new Date().toISOString() }, { at: new Date().toISOString() }]);
    const second = await list(token, `?limit=3&cursor=${first.body.nextCursor}`);
    const third = await list(token, `?limit=3&cursor=${second.body.nextCursor}`);
    expect([first, second, third].flatMap(idsOf)).toEqual(ids.toReversed());
    expect(third.body.nextCursor).toBeNull();
  });

  test("keeps events of one moment apart while paging", async () => {
    const { tenant, token } = await admins();
    const at = "2026-02-03T04:05:06.789Z";
    const ids = await write(
      tenant,
      Array.from({ length: 6 }, () => ({ at })),
    );
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: any = await list(token, `?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(page));
      cursor = page.body.nextCursor;
    }
    expect(seen).toEqual(ids.toSorted().toReversed());
  });

  test("is filtered by action, noun, person, target, request and time", async () => {
    const { tenant, token } = await admins();
    const [other] = [tenant.agents[1]!.id];
    const [role, roles, invite, late] = await write(tenant, [
      { action: "role.update" },
      { action: "role.delete", actorId: other },
      { action: "invitation.create", requestId: "the-request" },
      { action: "roles.update", at: "2026-05-01T00:00:00.000Z" },
    ]);
    const found = async (query: string) => idsOf(await list(token, `?${query}`));
    expect(await found("action=role.update")).toEqual([role]);
    expect(await found("action=role")).toEqual([roles, role]);
    expect(await found(`actorId=${other}`)).toEqual([roles]);
    expect(await found("requestId=the-request")).toEqual([invite]);
    expect(await found("from=2026-02-01T00:00:00Z")).toEqual([late]);
    expect(await found("to=2026-01-01T00:00:01Z")).toEqual([role]);
    // The same moment, told by a clock elsewhere.
    expect(await found(`to=${encodeURIComponent("2026-01-01T01:00:01+01:00")}`)).toEqual([role]);
    expect(await found(`targetId=${randomUUID()}`)).toEqual([]);
  });

  test("takes any moment there is and refuses the rest", async () => {
    const { token } = await admins();
    for (const from of ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T00:00:00Z"])
      expect((await list(token, `?from=${from}&to=${from}`)).status).toBe(200);
    for (const from of ["2026-13-01T00:00:00Z", "2026-02-31T00:00:00Z", "yesterday", "2026-01-01", "1767225600"])
      expect(refusalOf(await list(token, `?from=${from}`))).toEqual([400, "invalid_payload"]);
    for (const cursor of ["nonsense", "1_2", `99999999999999_${randomUUID()}x`])
      expect(refusalOf(await list(token, `?cursor=${cursor}`))).toEqual([400, "invalid_payload"]);
    expect((await list(token, `?cursor=99999999999999_${randomUUID()}`)).status).toBe(200);
  });

  test("names a member on whose behalf an API key acted, and finds it by that member", async () => {
    const { tenant, token } = await admins();
    const member = tenant.agents[1]!;
    await app().superuser.query(
      `INSERT INTO audit_events (tenant_id, id, actor_kind, actor_id, actor_name, on_behalf_of_id, action)
       VALUES ($1, $2, 'api_key', $3, 'Our CRM', $4, 'message.delete')`,
      [tenant.id, randomUUID(), randomUUID(), member.id],
    );
    const { body } = await list(token, `?actorId=${member.id}`);
    expect(body.data[0]).toMatchObject({
      actor: { kind: "api_key", name: "Our CRM" },
      onBehalfOf: { id: member.id, name: member.name },
    });
  });

  test("shows a workspace its own events alone", async () => {
    const [mine, theirs] = [await admins(), await admins()];
    await write(theirs.tenant, [{}]);
    await write(mine.tenant, [{}]);
    expect((await list(mine.token)).body.data).toHaveLength(1);
    const exported = await (await fetchExport(mine.token, "?format=jsonl&action=role")).text();
    expect(exported.trim().split("\n")).toHaveLength(1);
  });

  test("can be added to and read by the application's role, and neither changed nor emptied", async () => {
    const { tenant } = await admins();
    await write(tenant, [{}]);
    const { tenancy } = app().app.node;
    for (const statement of [
      "UPDATE audit_events SET action = 'x'",
      "DELETE FROM audit_events",
      "TRUNCATE audit_events",
    ]) {
      const trying = tenancy.withTenant(tenant.id, (db) => db.execute(statement));
      await expect(trying).rejects.toMatchObject({ cause: { code: "42501" } });
    }
  });
});

describe("an export", () => {
  test("is CSV that spreadsheets read and take for text alone", async () => {
    const { tenant, token } = await admins();
    await write(tenant, [
      { name: 'Ada "the first", Lovelace\nof London', after: { name: "a,b" } },
      { name: "=HYPERLINK(1)" },
    ]);
    const answer = await fetchExport(token);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toMatch(
      new RegExp(`^attachment; filename="audit-${tenant.slug}-[\\d-]{10}\\.csv"$`, "u"),
    );
    const text = await answer.text();
    expect(text.split("\r\n")[0]).toBe(
      "createdAt,action,actorKind,actorId,actorName,onBehalfOfId,onBehalfOfName,targetId,before,after,address,requestId,id",
    );
    expect(text).toContain('"Ada ""the first"", Lovelace\nof London"');
    expect(text).toContain('"{""name"":""a,b""}"');
    expect(text).toContain(",'=HYPERLINK(1),");
  });

  test("is one JSON object per line, as the list shows it, the oldest first", async () => {
    const { tenant, token } = await admins();
    const ids = await write(tenant, [{}, { after: { a: 1 } }, {}]);
    const answer = await fetchExport(token, "?format=jsonl&action=role");
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await answer.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id }) => id)).toEqual(ids);
    expect(lines).toEqual((await list(token, "?action=role")).body.data.toReversed());
  });

  test("holds every event, also where there are more than one reading takes", async () => {
    const { tenant, token } = await admins();
    await app().superuser.query(
      `INSERT INTO audit_events (tenant_id, id, actor_kind, action, created_at)
       SELECT $1, gen_random_uuid(), 'system', 'role.update', '2026-01-01T00:00:00Z'::timestamptz + (n / 7) * interval '1 second'
       FROM generate_series(1, 1300) n`,
      [tenant.id],
    );
    const text = await (await fetchExport(token, "?format=jsonl&action=role")).text();
    const ids = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).id as string);
    expect([ids.length, new Set(ids).size]).toEqual([1300, 1300]);
  });

  test("is itself told in the log, with its filter", async () => {
    const { tenant, token } = await admins();
    await (await fetchExport(token, "?format=jsonl&action=role")).text();
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "audit_event.export",
      after: { format: "jsonl", action: "role" },
    });
  });

  test("needs its permission and a plan that includes it", async () => {
    const { tenant, token } = await admins();
    const manager = await tokenFor(app(), tenant, tenant.agents[1]);
    expect((await list(manager)).status).toBe(200);
    expect(refusalOf(await ask(app().url, "GET", "/audit-events/export", { token: manager }))).toEqual([
      403,
      "permission_denied",
    ]);
    await app().superuser.query("UPDATE tenants SET plan = 'pro' WHERE id = $1", [tenant.id]);
    expect(refusalOf(await ask(app().url, "GET", "/audit-events/export", { token }))).toEqual([403, "limit_exceeded"]);
  });

  test("whose reader goes away leaves the node at work", async () => {
    const { tenant, token } = await admins();
    await write(
      tenant,
      Array.from({ length: 5 }, () => ({ after: { words: "x".repeat(10_000) } })),
    );
    const leaving = new AbortController();
    const answer = await fetch(`${app().url}/api/v1/audit-events/export`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: leaving.signal,
    });
    leaving.abort();
    await answer.text().catch(() => {});
    expect((await list(token)).status).toBe(200);
  });
});

describe("what goes into the log", () => {
  test("is free of whatever a field's name gives away as a secret, at any depth", () => {
    const change = {
      name: "Website",
      password: "hush",
      nested: { newPassword: "hush", identitySecrets: ["hush"], list: [{ accessToken: "hush", token_hash: "hush" }] },
      authorization: "hush",
      headers: { "set-cookie": ["hush"], Cookie: "hush" },
      permissions: ["role.manage"],
      key: "support_lead",
      removed: null,
      at: new Date(0),
    };
    expect(JSON.stringify(redact(change))).not.toContain("hush");
    expect(redact(change)).toMatchObject({
      name: "Website",
      key: "support_lead",
      permissions: ["role.manage"],
      removed: null,
      at: "1970-01-01T00:00:00.000Z",
    });
  });

  test("stands even where an action forgets to leave a secret out", async () => {
    const { tenant } = await admins();
    const { transaction, systemCtx } = await import("../../server/context.ts");
    await transaction(systemCtx(app().app.node, tenant), (tx) =>
      tx.audit("inbox.update", undefined, { before: { secret: "hush" }, after: { secret: "hush", name: "Website" } }),
    );
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      before: { secret: "[redacted]" },
      after: { secret: "[redacted]", name: "Website" },
    });
  });
});
