import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent, type TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { auditOf } from "../requests.ts";
import { type Settings, settingsOf } from "./calls.ts";

const app = useApp();
let tenant: TestTenant;
let admin: Settings;

beforeEach(async () => {
  tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent"] });
  admin = await settingsOf(app(), tenant);
});

const create = async (body: object): Promise<any> => (await admin.call("department/create", { body })).department;
const update = async (departmentId: string, body: object): Promise<any> =>
  (await admin.call("department/update", { params: { departmentId }, body })).department;
const read = async (departmentId: string): Promise<any> =>
  (await admin.call("department/get", { params: { departmentId } })).department;

const hoursOf = async (name: string, intervals: object[]): Promise<string> =>
  (await admin.call("business-hours/create", { body: { name, timeZone: "UTC", intervals } })).businessHours.id;

const versionOf = async (userId: string): Promise<number> => {
  const { rows } = await app().superuser.query(
    "SELECT access_version FROM memberships WHERE tenant_id = $1 AND user_id = $2",
    [tenant.id, userId],
  );
  return rows[0].access_version;
};

describe("creating", () => {
  test("a department comes with its policy and its members, and stands behind the others", async () => {
    const [, first, second] = tenant.agents;
    const made = await create({
      name: "Billing",
      strategy: "skills",
      sticky: "last_agent",
      capacityPerAgent: 3,
      offerSeconds: 20,
      skills: [{ skill: "invoices" }, { skill: "french", level: 3, required: false }],
      offlineBehaviour: "form",
      fallbackDepartmentId: tenant.departmentId,
      fallbackAfterSeconds: 60,
      memberIds: [second!.id, first!.id, first!.id],
    });
    expect(made).toMatchObject({
      name: "Billing",
      position: 1,
      skills: [
        { skill: "invoices", level: 1, required: true },
        { skill: "french", level: 3, required: false },
      ],
      open: true,
      routingVersion: 1,
      archivedAt: null,
    });
    expect(made.members.map(({ id }: { id: string }) => id).toSorted()).toEqual([first!.id, second!.id].toSorted());
    expect(await read(made.id)).toEqual(made);
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({ action: "department.create", target_id: made.id });
  });

  test("what is not said is as most desks want it", async () => {
    expect(await create({ name: "Plain" })).toMatchObject({
      strategy: "least_loaded",
      sticky: "none",
      capacityPerAgent: null,
      offerSeconds: null,
      skills: [],
      businessHoursId: null,
      offlineBehaviour: "queue",
      fallbackDepartmentId: null,
      fallbackAfterSeconds: null,
      members: [],
    });
  });

  test("a name is given once in a workspace, and may be another workspace's", async () => {
    await create({ name: "Billing" });
    expect(await admin.refused("department/create", { body: { name: "Billing" } })).toEqual([409, "conflict"]);
    const elsewhere = await settingsOf(app(), await app().tenant({ roles: ["tenant_admin"] }));
    await elsewhere.call("department/create", { body: { name: "Billing" } });
  });

  test("many at once never pass the plan's limit", async () => {
    const small = await app().tenant({ roles: ["tenant_admin"], plan: "basic" });
    const settings = await settingsOf(app(), small);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => settings.ask("department/create", { body: { name: `Desk ${n}` } })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403, 403, 403, 403, 403]);
    const refused = answers.find(({ status }) => status === 403)!;
    expect(refused.body.error).toMatchObject({ code: "limit_exceeded", details: { limit: "departments", most: 2 } });
  });

  test("an agent's share can't be larger than the plan allows", async () => {
    const small = await app().tenant({ roles: ["tenant_admin"], plan: "basic" });
    const settings = await settingsOf(app(), small);
    const body = { name: "Desk", capacityPerAgent: 21 };
    expect(await settings.refused("department/create", { body })).toEqual([403, "limit_exceeded"]);
  });

  test("members, hours and fallbacks of others, and such as do not exist, are not found and nothing is made", async () => {
    const other = await app().tenant({ roles: ["tenant_admin"] });
    const theirs = await settingsOf(app(), other);
    const { businessHours } = await theirs.call("business-hours/create", {
      body: { name: "Theirs", timeZone: "UTC", intervals: [] },
    });
    for (const wrong of [
      { memberIds: [other.agents[0]!.id] },
      { memberIds: [tenant.agents[1]!.id, randomUUID()] },
      { businessHoursId: businessHours.id },
      { businessHoursId: randomUUID() },
      { fallbackDepartmentId: other.departmentId },
      { fallbackDepartmentId: randomUUID() },
    ])
      expect(await admin.refused("department/create", { body: { name: "Wrong", ...wrong } })).toEqual([
        404,
        "not_found",
      ]);
    const { data } = await admin.call("department/list");
    expect(data.map(({ name }: { name: string }) => name)).toEqual(["Support"]);
  });

  test("a deactivated member can't join", async () => {
    const gone = tenant.agents[1]!;
    await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE tenant_id = $1 AND user_id = $2", [
      tenant.id,
      gone.id,
    ]);
    const body = { name: "Billing", memberIds: [gone.id] };
    expect(await admin.refused("department/create", { body })).toEqual([409, "conflict"]);
  });
});

describe("changing", () => {
  test("a new policy is a new version, a new name is not, and what changes nothing is not written down", async () => {
    const { id } = await create({ name: "Billing" });
    expect((await update(id, { name: "Invoices" })).routingVersion).toBe(1);
    expect((await update(id, { strategy: "round_robin", capacityPerAgent: 2 })).routingVersion).toBe(2);
    const before = (await auditOf(app(), tenant)).length;
    expect(await update(id, { strategy: "round_robin" })).toMatchObject({ routingVersion: 2, capacityPerAgent: 2 });
    expect(await update(id, {})).toMatchObject({ name: "Invoices" });
    expect((await auditOf(app(), tenant)).length).toBe(before);
    expect((await update(id, { capacityPerAgent: null })).routingVersion).toBe(3);
  });

  test("the audit log holds what was and what is, of what changed alone", async () => {
    const { id } = await create({ name: "Billing", strategy: "manual" });
    await update(id, { name: "Billing", strategy: "round_robin" });
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "department.update",
      before: { strategy: "manual" },
      after: { strategy: "round_robin" },
    });
  });

  test("a fallback that is named without a time gets the usual one, and keeps the one it has", async () => {
    const body = { name: "Billing", fallbackDepartmentId: tenant.departmentId };
    const { id, fallbackAfterSeconds } = await create(body);
    expect(fallbackAfterSeconds).toBe(300);
    await update(id, { fallbackAfterSeconds: null });
    expect(await update(id, body)).toMatchObject({ fallbackAfterSeconds: null });
  });

  test("what was made with a fallback time loses it with its fallback, and none can have the time alone", async () => {
    const { id } = await create({
      name: "Billing",
      fallbackDepartmentId: tenant.departmentId,
      fallbackAfterSeconds: 30,
    });
    expect(await update(id, { fallbackDepartmentId: null })).toMatchObject({ fallbackAfterSeconds: null });
    expect(
      await admin.refused("department/update", { params: { departmentId: id }, body: { fallbackAfterSeconds: 30 } }),
    ).toEqual([400, "invalid_payload"]);
  });

  test("fallbacks never go round in a circle, not even when two are closed at once", async () => {
    const first = await create({ name: "First" });
    const second = await create({ name: "Second", fallbackDepartmentId: first.id });
    const third = await create({ name: "Third", fallbackDepartmentId: second.id });
    const answer = await admin.ask("department/update", {
      params: { departmentId: first.id },
      body: { fallbackDepartmentId: third.id },
    });
    expect([answer.status, answer.body.error.code]).toEqual([409, "conflict"]);
    expect(answer.body.error.message).toContain("First → Third → Second → First");
    expect(
      await admin.refused("department/update", {
        params: { departmentId: first.id },
        body: { fallbackDepartmentId: first.id },
      }),
    ).toEqual([409, "conflict"]);

    const [left, right] = [await create({ name: "Left" }), await create({ name: "Right" })];
    const both = await Promise.all([
      admin.ask("department/update", { params: { departmentId: left.id }, body: { fallbackDepartmentId: right.id } }),
      admin.ask("department/update", { params: { departmentId: right.id }, body: { fallbackDepartmentId: left.id } }),
    ]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  test("whoever joins or leaves has other rights at once, on sockets too", async () => {
    const [, joins, leaves] = tenant.agents;
    const { id } = await create({ name: "Billing", memberIds: [leaves!.id] });
    const [before, beforeLeaving] = [await versionOf(joins!.id), await versionOf(leaves!.id)];
    const person = await app().agent(tenant, { agent: joins! });
    const changed = await update(id, { memberIds: [joins!.id] });
    expect(changed).toMatchObject({ members: [{ id: joins!.id, name: joins!.name }], routingVersion: 2 });
    expect(await versionOf(joins!.id)).toBe(before + 1);
    expect(await versionOf(leaves!.id)).toBe(beforeLeaving + 1);
    const contact = await app().contact(tenant);
    const conversation = await contact.start("an invoice is wrong", { departmentId: id });
    // Back with the rooms of the new department, they hear of what comes in there.
    await eventually(async () => {
      const { conversations } = await person.insist("conversation:list", { departmentId: id });
      return conversations.some((each: { id: string }) => each.id === conversation.id);
    }, "the new member sees what came in");
  });

  test("one member can be put in and taken out, once however often it is asked", async () => {
    const { id: departmentId } = await create({ name: "Billing" });
    const params = { departmentId, agentId: tenant.agents[1]!.id };
    const { department } = await admin.call("department/add-member", { params });
    expect(department.members).toHaveLength(1);
    await admin.call("department/add-member", { params });
    await admin.call("department/remove-member", { params });
    expect((await read(departmentId)).members).toEqual([]);
    expect(await admin.refused("department/remove-member", { params })).toEqual([404, "not_found"]);
    const actions = (await auditOf(app(), tenant)).map(({ action }) => action);
    expect(actions.slice(1)).toEqual(["department.add_member", "department.remove_member"]);
  });

  test("agents who join at the same time all get in", async () => {
    const { id: departmentId } = await create({ name: "Billing" });
    const many = await Promise.all(Array.from({ length: 8 }, () => addAgent(app().superuser, tenant)));
    await Promise.all(
      many.map(({ id: agentId }) => admin.call("department/add-member", { params: { departmentId, agentId } })),
    );
    expect((await read(departmentId)).members).toHaveLength(8);
  });

  test("what waits is routed by the new policy at once", async () => {
    const agent = tenant.agents[1]!;
    const { id } = await create({ name: "Billing", strategy: "manual", memberIds: [agent.id] });
    await app().agent(tenant, { agent });
    const contact = await app().contact(tenant);
    const conversation = await contact.start("hello", { departmentId: id });
    await update(id, { strategy: "least_loaded" });
    const assignee = await eventually(async () => {
      const { rows } = await app().superuser.query("SELECT assignee_id FROM conversations WHERE id = $1", [
        conversation.id,
      ]);
      return rows[0].assignee_id;
    }, "somebody has the conversation");
    expect(assignee).toBe(agent.id);
  });

  test("who leaves loses what they were offered, and has not missed it", async () => {
    const [, leaves, stays] = tenant.agents;
    const { id } = await create({ name: "Billing", offerSeconds: 600, memberIds: [leaves!.id] });
    await Promise.all([leaves!, stays!].map((agent) => app().agent(tenant, { agent })));
    const contact = await app().contact(tenant);
    const conversation = await contact.start("hello", { departmentId: id });
    const offers = async () => {
      const { rows } = await app().superuser.query(
        "SELECT agent_id, status FROM offers WHERE conversation_id = $1 ORDER BY offered_at",
        [conversation.id],
      );
      return rows;
    };
    await eventually(async () => (await offers()).length === 1, "it is offered");
    await update(id, { memberIds: [stays!.id] });
    await eventually(async () => (await offers()).length === 2, "it is offered to the other");
    expect(await offers()).toEqual([
      { agent_id: leaves!.id, status: "withdrawn" },
      { agent_id: stays!.id, status: "pending" },
    ]);
    const { rows } = await app().superuser.query(
      "SELECT active_count, missed_offers FROM memberships WHERE tenant_id = $1 AND user_id = $2",
      [tenant.id, leaves!.id],
    );
    expect(rows).toEqual([{ active_count: 0, missed_offers: 0 }]);
  });

  test("a department is open by its hours", async () => {
    const never = await hoursOf("Never", []);
    const { id } = await create({ name: "Billing", businessHoursId: never });
    expect((await read(id)).open).toBe(false);
    expect(await update(id, { businessHoursId: null })).toMatchObject({ open: true, routingVersion: 2 });
  });
});

describe("listing", () => {
  test("goes by position, a page at a time, and names everything once", async () => {
    for (const [name, position] of [
      ["C", 7],
      ["A", 3],
      ["B", 3],
    ] as const)
      await create({ name, position });
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await admin.call("department/list", {
        query: `?limit=1${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      });
      names.push(...page.data.map(({ name }: { name: string }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(names).toEqual(["Support", "A", "B", "C"]);
  });

  test("a cursor that is not ours is refused", async () => {
    for (const cursor of ["7", "x.y", `1.${"0".repeat(36)}`])
      expect(await admin.refused("department/list", { query: `?cursor=${cursor}` })).toEqual([400, "invalid_payload"]);
  });

  test("agents may look and change nothing", async () => {
    const agent = await settingsOf(app(), tenant, tenant.agents[1]);
    await agent.call("department/list");
    const params = { departmentId: tenant.departmentId };
    for (const [name, parts] of [
      ["department/create", { body: { name: "Mine" } }],
      ["department/update", { params, body: { name: "Mine" } }],
      ["department/delete", { params }],
    ] as const)
      expect(await agent.refused(name, parts)).toEqual([403, "permission_denied"]);
  });
});

test("another workspace's department is not found, whatever is asked of it", async () => {
  const other = await app().tenant();
  const params = { departmentId: other.departmentId, agentId: tenant.agents[1]!.id };
  for (const [name, body] of [
    ["department/get", undefined],
    ["department/update", { name: "Mine" }],
    ["department/delete", undefined],
    ["department/restore", {}],
    ["department/add-member", undefined],
    ["department/remove-member", undefined],
  ] as const)
    expect([name, ...(await admin.refused(name, { params, body }))]).toEqual([name, 404, "not_found"]);
  const own = { departmentId: tenant.departmentId, agentId: other.agents[0]!.id };
  expect(await admin.refused("department/add-member", { params: own })).toEqual([404, "not_found"]);
});
