import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { ask, look } from "../../socket/support/ask.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin } from "../../socket/support/scene.ts";
import { addDepartment, historyOf, setPolicy } from "../../socket/routing/policy.ts";

const app = useApp();

const sweep = () => handlers["routing.sweep"](app().app.node);

const waitSince = (id: string, seconds: number) =>
  app().superuser.query("UPDATE conversations SET queued_at = now() - make_interval(secs => $2) WHERE id = $1", [
    id,
    seconds,
  ]);

const placeOf = async (id: string): Promise<string> => {
  const { rows } = await app().superuser.query("SELECT department_id FROM conversations WHERE id = $1", [id]);
  return rows[0].department_id;
};

test("what has waited for as long as its department allows goes to the fallback, keeps its wait, and everybody can read why", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent"] });
  const { superuser } = app();
  const stand = await addDepartment(superuser, tenant, [tenant.agents[1]!.id], { strategy: "least_loaded" });
  await setPolicy(superuser, tenant, { fallback_department_id: stand, fallback_after_seconds: 60 });
  const contact = await app().contact(tenant);
  const agent = await app().agent(tenant, { agent: tenant.agents[1]! });
  const ear = await hear(contact);
  const [{ id: early }, { id: due }] = [await begin(contact), await begin(contact)];
  await waitSince(early, 59);
  await waitSince(due, 61);
  const { rows: before } = await superuser.query("SELECT queued_at FROM conversations WHERE id = $1", [due]);
  await Promise.all([sweep(), sweep()]);
  expect(await placeOf(early)).toBe(tenant.departmentId);
  expect(await placeOf(due)).toBe(stand);
  const told = await ear.next("entry:appended", ({ entry }) => entry.activity?.type === "transferred");
  expect(told.entry).toMatchObject({
    conversationId: due,
    author: { kind: "system" },
    activity: { departmentId: stand, previousDepartmentId: tenant.departmentId, reason: "fallback" },
  });
  await eventually(
    async () => (await look(agent, due)).conversation.assigneeId === tenant.agents[1]!.id,
    "somebody there takes it",
  );
  const { rows: after } = await superuser.query("SELECT queued_at FROM conversations WHERE id = $1", [due]);
  expect(after).toEqual(before);
  expect(await historyOf(superuser, tenant.id)).toMatchObject([{ conversationId: due, trigger: "fallback" }]);
  expect((await look(contact, due)).entries.filter(({ activity }) => activity?.type === "transferred")).toHaveLength(1);
});

test("two departments that stand in for each other do not pass a conversation to and fro", async () => {
  const tenant = await app().tenant();
  const { superuser } = app();
  const other = await addDepartment(superuser, tenant, [], { strategy: "manual" });
  await setPolicy(superuser, tenant, { fallback_department_id: other, fallback_after_seconds: 1 });
  await setPolicy(superuser, tenant, { fallback_department_id: tenant.departmentId, fallback_after_seconds: 1 }, other);
  const contact = await app().contact(tenant);
  const { id } = await begin(contact);
  await waitSince(id, 10);
  await sweep();
  expect(await placeOf(id)).toBe(other);
  await sweep();
  await sweep();
  expect(await placeOf(id)).toBe(other);
});

test("nothing falls back to an archived department, and a message for later does not fall back", async () => {
  const tenant = await app().tenant();
  const { superuser } = app();
  const other = await addDepartment(superuser, tenant, [], { strategy: "manual" });
  await setPolicy(superuser, tenant, { fallback_department_id: other, fallback_after_seconds: 1 });
  const contact = await app().contact(tenant);
  const [{ id: archived }, { id: later }] = [await begin(contact), await begin(contact)];
  await waitSince(archived, 10);
  await superuser.query("UPDATE departments SET archived_at = now() WHERE id = $1", [other]);
  await sweep();
  expect(await placeOf(archived)).toBe(tenant.departmentId);
  await superuser.query("UPDATE departments SET archived_at = NULL WHERE id = $1", [other]);
  await ask(contact, "conversation:resolve", { conversationId: archived });
  await superuser.query(
    "UPDATE conversations SET for_later = true, queued_at = now() - interval '1 hour' WHERE id = $1",
    [later],
  );
  await sweep();
  expect(await placeOf(later)).toBe(tenant.departmentId);
});
