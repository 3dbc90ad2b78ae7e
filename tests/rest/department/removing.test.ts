import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
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
const remove = (departmentId: string) => admin.call("department/delete", { params: { departmentId } });

test("a department that never had a conversation is gone, with its members and wherever an invitation named it", async () => {
  const { id } = await create({ name: "Billing", memberIds: [tenant.agents[1]!.id] });
  await app().superuser.query(
    `INSERT INTO invitations (tenant_id, id, email, role, department_ids, token_hash, invited_by_id, expires_at)
     VALUES ($1, $2, 'new@x.test', 'agent', $3, '-', $4, now() + interval '1 day')`,
    [tenant.id, randomUUID(), [id, tenant.departmentId], tenant.agents[0]!.id],
  );
  await remove(id);
  expect(await admin.refused("department/get", { params: { departmentId: id } })).toEqual([404, "not_found"]);
  const { rows } = await app().superuser.query("SELECT department_ids FROM invitations WHERE tenant_id = $1", [
    tenant.id,
  ]);
  expect(rows).toEqual([{ department_ids: [tenant.departmentId] }]);
});

test("a department with history is archived: out of the list, its name free, its conversations still there", async () => {
  const { id } = await create({ name: "Billing", memberIds: [tenant.agents[1]!.id] });
  const contact = await app().contact(tenant);
  const conversation = await contact.start("hello", { departmentId: id });
  const answer = await admin.ask("department/delete", { params: { departmentId: id } });
  expect(answer.body.error).toMatchObject({ code: "conflict", details: { unresolved: 1 } });
  await app().superuser.query("UPDATE conversations SET status = 'resolved', resolved_at = now() WHERE id = $1", [
    conversation.id,
  ]);
  await remove(id);
  const { data } = await admin.call("department/list");
  expect(data.map(({ name }: { name: string }) => name)).toEqual(["Support"]);
  const archived = (await admin.call("department/list", { query: "?archived=true" })).data;
  expect(archived).toMatchObject([{ id, open: false, archivedAt: expect.any(String) }]);
  expect(archived[0].name).toContain("Billing (archived");
  await create({ name: "Billing" });
  for (const parts of [
    { params: { departmentId: id }, body: { name: "Back" } },
    { params: { departmentId: id }, body: { strategy: "manual" } },
  ])
    expect(await admin.refused("department/update", parts)).toEqual([409, "conflict"]);
  expect(await admin.refused("department/delete", { params: { departmentId: id } })).toEqual([409, "conflict"]);
  const [restored] = await Promise.all(
    [1, 2].map(() => admin.call("department/restore", { params: { departmentId: id }, body: {} })),
  );
  // The old name is another's by now.
  expect(restored.department).toMatchObject({ id, name: archived[0].name, archivedAt: null });
  expect(restored.department.members).toHaveLength(1);
  await remove(id);
  // Nothing new can lead there.
  expect(await admin.refused("department/create", { body: { name: "Next", fallbackDepartmentId: id } })).toEqual([
    404,
    "not_found",
  ]);
  expect(
    await admin.refused("inbox/update", { params: { inboxId: tenant.inbox.id }, body: { departmentId: id } }),
  ).toEqual([404, "not_found"]);
});

test("a department that an inbox or a fallback leads into stays, and says which", async () => {
  const inUse = await admin.ask("department/delete", { params: { departmentId: tenant.departmentId } });
  expect(inUse.body.error).toMatchObject({
    code: "conflict",
    details: { inboxes: [{ id: tenant.inbox.id, name: "Website" }] },
  });
  const last = await create({ name: "Last" });
  const { id } = await create({ name: "Billing", fallbackDepartmentId: last.id });
  const needed = await admin.ask("department/delete", { params: { departmentId: last.id } });
  expect(needed.body.error).toMatchObject({ code: "conflict", details: { departments: [{ id, name: "Billing" }] } });
  await remove(id);
  await remove(last.id);
});

test("a department that is brought back has its old name where that is free", async () => {
  const { id } = await create({ name: "Billing" });
  const contact = await app().contact(tenant);
  const conversation = await contact.start("hello", { departmentId: id });
  await app().superuser.query("UPDATE conversations SET status = 'resolved', resolved_at = now() WHERE id = $1", [
    conversation.id,
  ]);
  await remove(id);
  const params = { departmentId: id };
  const { department } = await admin.call("department/restore", { params, body: {} });
  expect(department).toMatchObject({ name: "Billing", archivedAt: null });
  expect(await admin.call("department/restore", { params, body: {} })).toEqual({ department });
  expect((await auditOf(app(), tenant)).map(({ action }) => action).slice(1)).toEqual([
    "conversation.start",
    "department.archive",
    "department.restore",
  ]);
  expect(await update(id, { strategy: "manual" })).toMatchObject({ strategy: "manual" });
});

test("an archived department does not count for the plan", async () => {
  const small = await app().tenant({ roles: ["tenant_admin"], plan: "basic" });
  const settings = await settingsOf(app(), small);
  const { department } = await settings.call("department/create", { body: { name: "Second" } });
  const contact = await app().contact(small);
  const { id } = await contact.start("hello", { departmentId: department.id });
  await app().superuser.query("UPDATE conversations SET status = 'resolved', resolved_at = now() WHERE id = $1", [id]);
  await settings.call("department/delete", { params: { departmentId: department.id } });
  expect((await settings.ask("department/create", { body: { name: "Third" } })).status).toBe(201);
  const params = { departmentId: department.id };
  expect(await settings.refused("department/restore", { params, body: {} })).toEqual([403, "limit_exceeded"]);
});
