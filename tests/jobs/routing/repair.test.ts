import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import { ask } from "../../socket/support/ask.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin, talk } from "../../socket/support/scene.ts";
import { loadOf } from "../../socket/support/tables.ts";
import { setMember, setPolicy, slotsOf } from "../../socket/routing/policy.ts";

const app = useApp();

const repair = () => handlers["routing.repair"](app().app.node);

test("a count that says more than the assignments do is set right, and the slots it hid are filled", async () => {
  const { tenant, contact, agent } = await talk(app(), { capacity: 3 });
  const agentId = agent.ready!.actor.id;
  await setMember(app().superuser, tenant, agentId, { active_count: 3 });
  await setPolicy(app().superuser, tenant, { strategy: "least_loaded" });
  const { id } = await begin(contact);
  const ear = await hear(agent);
  await Promise.all([repair(), repair()]);
  const { conversation } = await ear.next("conversation:assigned");
  expect(conversation.id).toBe(id);
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(2);
  const { rows } = await app().superuser.query(
    "SELECT before, after FROM audit_events WHERE tenant_id = $1 AND action = 'agent.repair_slots'",
    [tenant.id],
  );
  expect(rows).toEqual([{ before: { activeCount: 3 }, after: { activeCount: 1 } }]);
});

test("a count that says less is set right too, and right ones are left alone", async () => {
  const { tenant, contact, agent } = await talk(app(), { capacity: 1 });
  const agentId = agent.ready!.actor.id;
  await setMember(app().superuser, tenant, agentId, { active_count: 0 });
  await repair();
  expect(await slotsOf(app().superuser, tenant.id, agentId)).toBe(1);
  const { id: conversationId } = await begin(contact);
  const refusal = await ask(agent, "conversation:assign", { conversationId }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ error: { code: "conflict" } });
  await repair();
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(1);
});
