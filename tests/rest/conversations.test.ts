import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import { routes } from "../../server/contract/admin.ts";
import type { RouteSpec } from "../../server/contract/define.ts";
import { useApp } from "../support/app.ts";
import type { Person } from "../support/people.ts";
import { addAgent } from "../support/tenant.ts";
import type { TestTenant } from "../support/tenant.ts";
import { ask, auditOf, refusalOf, tokenFor } from "./requests.ts";

const app = useApp();
let tenant: TestTenant;
let token: string;
let contact: Person;
let conversationId: string;

beforeAll(async () => {
  tenant = await app().tenant({ roles: ["agent"] });
  token = await tokenFor(app(), tenant);
  contact = await app().contact(tenant);
  conversationId = (await contact.start("the question")).id;
});

/** What a route answers, in the shape it declares and with its status. */
const call = async (name: keyof typeof routes, options: { query?: string; body?: object; id?: string } = {}) => {
  const spec: RouteSpec = routes[name];
  const path = spec.path.replace(":conversationId", options.id ?? conversationId);
  const answer = await ask(app().url, spec.method, `${path}${options.query ?? ""}`, { token, body: options.body });
  expect([answer.status, answer.body?.error]).toEqual([spec.status, undefined]);
  return v.parse(spec.response!, answer.body);
};

test("a list shows what a single look shows", async () => {
  const { data, nextCursor } = await call("conversation/list");
  expect(nextCursor).toBeNull();
  const { conversation } = await call("conversation/get");
  expect(data).toEqual([conversation]);
  expect(conversation).toMatchObject({ id: conversationId, status: "queued", unread: 1, publicSeq: 1 });
});

test("a list goes on where its page ended, and names everything once", async () => {
  const visitors = await Promise.all(Array.from({ length: 4 }, () => app().contact(tenant)));
  const ids = await Promise.all(visitors.map(async (visitor) => (await visitor.start("me too")).id));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: any = await call("conversation/list", {
      query: `?limit=2${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    });
    expect(page.data.length).toBeLessThanOrEqual(2);
    seen.push(...page.data.map(({ id }: { id: string }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen.toSorted()).toEqual([conversationId, ...ids].toSorted());
});

test("a cursor that is not ours, a limit past a hundred and an unknown view are refused", async () => {
  for (const query of [
    "?cursor=elsewhere",
    "?limit=101",
    "?limit=0",
    "?limit=two",
    "?view=everything",
    "?status=closed",
  ]) {
    const answer = await ask(app().url, "GET", `/conversations${query}`, { token });
    expect([query, answer.status, answer.body.error.code]).toEqual([query, 400, "invalid_payload"]);
  }
});

describe("a message sent over REST", () => {
  test("reaches the contact live, and is stored once however often it is sent", async () => {
    const body = { clientId: randomUUID(), body: "the answer" };
    const first = await call("message/send", { body });
    expect(first).toMatchObject({
      entry: { body: "the answer", audience: "public", author: { kind: "agent", id: tenant.agents[0]!.id } },
    });
    await contact.upTo(conversationId, first.entry.seq);
    const again = await call("message/send", { body });
    expect(again.entry).toEqual(first.entry);
    const { data } = await call("conversation/history");
    expect(data.filter(({ clientId }: { clientId?: string }) => clientId === body.clientId)).toEqual([first.entry]);
  });

  test("may be an internal note, which stays out of the public timeline", async () => {
    const { entry } = await call("message/send", {
      body: { clientId: randomUUID(), body: "between us", audience: "internal" },
    });
    const internal = await call("conversation/history", { query: "?audience=internal" });
    expect(internal.data).toContainEqual(entry);
    const visible = await call("conversation/history");
    expect(JSON.stringify(visible)).not.toContain("between us");
  });

  test("may not be empty, nor longer than ten thousand characters", async () => {
    for (const body of [" ", "x".repeat(10_001)]) {
      const answer = await ask(app().url, "POST", `/conversations/${conversationId}/messages`, {
        token,
        body: { clientId: randomUUID(), body },
      });
      expect([answer.status, answer.body.error.code]).toEqual([400, "invalid_payload"]);
    }
    await call("message/send", { body: { clientId: randomUUID(), body: "🙂".repeat(10_000) } });
  });
});

test("history goes back page by page to the first entry", async () => {
  const { id } = await contact.start("one");
  for (const text of ["two", "three", "four", "five"]) await contact.send(id, text);
  const seqs: number[] = [];
  let before: string | null = null;
  do {
    const page: any = await call("conversation/history", {
      id,
      query: `?limit=2${before === null ? "" : `&beforeSeq=${before}`}`,
    });
    seqs.unshift(...page.data.map(({ seq }: { seq: number }) => seq));
    before = page.nextCursor;
  } while (before !== null);
  expect(seqs).toEqual([1, 2, 3, 4, 5]);
});

test("a reply to a number past every timeline is refused, and harms nobody's message beside it", async () => {
  const beside = await app().contact(tenant);
  const { id } = await beside.start("hello");
  const path = `/conversations/${conversationId}/messages`;
  const body = { clientId: randomUUID(), body: "to nothing", replyToSeq: Number.MAX_SAFE_INTEGER };
  const [refused, sent] = await Promise.all([
    ask(app().url, "POST", path, { token, body }),
    Promise.all(Array.from({ length: 5 }, (_, i) => beside.send(id, `beside ${i}`))),
  ]);
  expect(refusalOf(refused)).toEqual([400, "invalid_payload"]);
  expect(sent.every(({ ack }) => ack !== undefined)).toBe(true);
});

test("history reaches back from the highest number there is", async () => {
  const { data } = await call("conversation/history", { query: "?beforeSeq=999999999999999" });
  expect(data.length).toBeGreaterThan(0);
});

test("assign, resolve and reopen do what their commands do, and leave their audit events", async () => {
  const { id } = await (await app().contact(tenant)).start("please");
  const assigned = await call("conversation/assign", { id, body: {} });
  expect(assigned.conversation).toMatchObject({ assigneeId: tenant.agents[0]!.id, status: "open" });
  const resolved = await call("conversation/resolve", { id });
  expect(resolved.conversation.status).toBe("resolved");
  const reopened = await call("conversation/reopen", { id, body: {} });
  expect(reopened.conversation.status).not.toBe("resolved");
  const actions = (await auditOf(app(), tenant)).filter((event) => event.target_id === id).map(({ action }) => action);
  expect(actions).toEqual(["conversation.start", "conversation.assign", "conversation.resolve", "conversation.reopen"]);
});

test("a decision on an outdated version is a conflict that names the present one", async () => {
  const { id } = await (await app().contact(tenant)).start("please");
  const { conversation } = await call("conversation/assign", { id, body: {} });
  const answer = await ask(app().url, "POST", `/conversations/${id}/resolve`, {
    token,
    body: { expectedVersion: conversation.version - 1 },
  });
  expect([answer.status, answer.body.error.code]).toEqual([409, "conflict"]);
  expect(answer.body.error.details).toMatchObject({ conversationId: id, version: conversation.version });
});

test("what an agent of no department can't see is not found", async () => {
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const { id } = await (await app().contact(tenant)).start("please");
  const answer = await ask(app().url, "GET", `/conversations/${id}`, {
    token: await tokenFor(app(), tenant, outsider),
  });
  expect([answer.status, answer.body.error.code]).toEqual([404, "not_found"]);
  const list = await ask(app().url, "GET", "/conversations", { token: await tokenFor(app(), tenant, outsider) });
  expect(list.body.data).toEqual([]);
});
