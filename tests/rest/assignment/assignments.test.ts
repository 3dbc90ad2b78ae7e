import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent, type TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { type Settings, settingsOf } from "../department/calls.ts";

const app = useApp();
let tenant: TestTenant;
let admin: Settings;

beforeEach(async () => {
  tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent"], strategy: "least_loaded" });
  // Those who look on take no conversations.
  await app().superuser.query("UPDATE memberships SET availability = 'away' WHERE tenant_id = $1 AND user_id = $2", [
    tenant.id,
    tenant.agents[0]!.id,
  ]);
  admin = await settingsOf(app(), tenant);
});

const look = (conversationId: string, query = "") =>
  admin.call("assignment/list", { params: { conversationId }, query });
const policy = (body: object) =>
  admin.call("department/update", { params: { departmentId: tenant.departmentId }, body });
const waitingOf = async (conversationId: string): Promise<any> => (await look(conversationId)).waiting;
const start = async (more: object = {}): Promise<string> =>
  (await (await app().contact(tenant)).start("hello", { ...more })).id;

describe("why this agent", () => {
  test("a routed conversation names who was considered, what excluded the others, strategy, version and trigger", async () => {
    const [, present, absent] = tenant.agents;
    await app().agent(tenant, { agent: present! });
    const id = await start();
    const { data, waiting } = await eventually(async () => {
      const page = await look(id);
      return page.data.length > 0 && page;
    }, "it is assigned");
    expect(waiting).toBeNull();
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      kind: "assignment",
      agent: { id: present!.id, name: present!.name },
      department: { id: tenant.departmentId, name: "Support" },
      by: null,
      endedAt: null,
      endReason: null,
      decision: { trigger: "conversation_queued", strategy: "least_loaded", version: 1 },
    });
    const { candidates } = data[0].decision;
    const of = (agentId: string) => candidates.find((each: any) => each.agentId === agentId);
    expect(of(present!.id)).toMatchObject({ name: present!.name, activeCount: 0, score: 0 });
    expect(of(absent!.id)).toMatchObject({ name: absent!.name, excluded: "offline" });
  });

  test("a person's decision names the person, and what ended it", async () => {
    await policy({ strategy: "manual" });
    const person = await app().agent(tenant, { agent: tenant.agents[1]! });
    const id = await start();
    await person.insist("conversation:assign", { conversationId: id, agentId: tenant.agents[1]!.id });
    await person.insist("conversation:resolve", { conversationId: id });
    const { data } = await look(id);
    expect(data).toMatchObject([
      {
        agent: { id: tenant.agents[1]!.id },
        by: { id: tenant.agents[1]!.id, name: tenant.agents[1]!.name },
        endReason: "resolved",
        endedAt: expect.any(String),
        decision: { strategy: "manual" },
      },
    ]);
  });

  test("offers are told with what became of them, the latest first and a page at a time", async () => {
    await policy({ offerSeconds: 600 });
    const people = await Promise.all(tenant.agents.slice(1).map((agent) => app().agent(tenant, { agent })));
    const id = await start();
    const offered = await eventually(async () => {
      const { data } = await look(id);
      return data.find((each: any) => each.status === "pending");
    }, "it is offered");
    const first = people[tenant.agents.slice(1).findIndex((agent) => agent.id === offered.agent.id)]!;
    const second = people.find((person) => person !== first)!;
    expect(await waitingOf(id)).toMatchObject({ reason: "offered", department: { name: "Support" } });
    await first.insist("offer:decline", { conversationId: id, reason: "at lunch" });
    await eventually(async () => {
      const { data } = await look(id);
      return data[0].status === "pending" && data[0].agent.id !== offered.agent.id;
    }, "it is offered to the other");
    await second.insist("offer:accept", { conversationId: id });
    const seen: any[] = [];
    let cursor: string | null = null;
    do {
      const page: any = await look(id, `?limit=1${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ kind, status }) => [kind, status])).toEqual([
      ["assignment", undefined],
      ["offer", "accepted"],
      ["offer", "declined"],
    ]);
    expect(seen[2]).toMatchObject({ reason: "at lunch", agent: offered.agent, endedAt: expect.any(String) });
  });
});

describe("why nobody has it", () => {
  test("nobody is there: everyone of the department is told with what excludes them", async () => {
    const id = await start();
    const waiting = await waitingOf(id);
    expect(waiting).toMatchObject({ reason: "nobody_free", strategy: "least_loaded", opensAt: null });
    expect(waiting.explanation).toContain("3 are offline");
    expect(waiting.candidates.map(({ excluded }: any) => excluded)).toEqual(["offline", "offline", "offline"]);
  });

  test("those who are there are away or hold all they can", async () => {
    const [, full, away] = tenant.agents;
    const set = (what: string, { id }: { id: string }) =>
      app().superuser.query(`UPDATE memberships SET ${what} WHERE tenant_id = $1 AND user_id = $2`, [tenant.id, id]);
    await set("capacity = 0", full!);
    await set("availability = 'away'", away!);
    await Promise.all([full!, away!].map((agent) => app().agent(tenant, { agent })));
    const id = await start();
    const waiting = await waitingOf(id);
    expect(waiting.reason).toBe("nobody_free");
    const excluded = Object.fromEntries(waiting.candidates.map((each: any) => [each.agentId, each.excluded]));
    expect(excluded).toMatchObject({ [full!.id]: "full", [away!.id]: "away" });
    expect(waiting.explanation).toContain(`${full!.name} holds as many conversations as they can`);
  });

  test("agents pick by themselves, nobody belongs to the department, or there is none", async () => {
    const id = await start();
    await policy({ strategy: "manual" });
    expect(await waitingOf(id)).toMatchObject({ reason: "manual" });
    await policy({ strategy: "least_loaded", memberIds: [] });
    expect(await waitingOf(id)).toMatchObject({ reason: "no_members", candidates: [] });
    await app().superuser.query("UPDATE conversations SET department_id = NULL WHERE id = $1", [id]);
    expect(await waitingOf(id)).toMatchObject({ reason: "no_department", department: null, strategy: null });
  });

  test("the department is closed: until when is told", async () => {
    const soon = new Date(Date.now() + 3 * 24 * 60 * 60_000);
    soon.setUTCHours(9, 0, 0, 0);
    const { businessHours } = await admin.call("business-hours/create", {
      body: {
        name: "Later",
        timeZone: "UTC",
        intervals: [],
        holidays: [{ date: soon.toISOString().slice(0, 10), intervals: [{ from: "09:00", to: "10:00" }] }],
      },
    });
    const id = await start();
    await policy({ businessHoursId: businessHours.id });
    expect(await waitingOf(id)).toMatchObject({ reason: "closed", opensAt: soon.toISOString() });
    await app().superuser.query("UPDATE conversations SET for_later = true WHERE id = $1", [id]);
    expect(await waitingOf(id)).toMatchObject({ reason: "for_later", opensAt: soon.toISOString() });
  });

  test("looking changes nothing", async () => {
    const id = await start();
    const rows = async () => (await app().superuser.query("SELECT * FROM conversations WHERE id = $1", [id])).rows;
    const before = await rows();
    await look(id);
    expect(await rows()).toEqual(before);
  });
});

test("what an agent can't see, what is another workspace's and what does not exist is not found", async () => {
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const theirs = await settingsOf(app(), tenant, outsider);
  const own = await start();
  expect(await theirs.refused("assignment/list", { params: { conversationId: own } })).toEqual([404, "not_found"]);
  const foreign = await (await app().contact(await app().tenant())).start("hello");
  for (const conversationId of [foreign.id, randomUUID()])
    expect(await admin.refused("assignment/list", { params: { conversationId } })).toEqual([404, "not_found"]);
});

test("a cursor that is not ours is refused", async () => {
  const conversationId = await start();
  for (const cursor of ["7", `999999999999999.${randomUUID()}x`, `99999999999999999.${randomUUID()}`])
    expect(await admin.refused("assignment/list", { params: { conversationId }, query: `?cursor=${cursor}` })).toEqual([
      400,
      "invalid_payload",
    ]);
});
