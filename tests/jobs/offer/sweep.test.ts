import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import { begin } from "../../socket/support/scene.ts";
import { hear } from "../../socket/support/hear.ts";
import { offering } from "../../socket/offer/scene.ts";
import { offersOf, setMember, slotsOf } from "../../socket/routing/policy.ts";

const app = useApp();

test("an offer that every node has forgotten is passed on, once, and one with time left is not", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const agentId = agent.ready!.actor.id;
  const ear = await hear(agent);
  const [{ id: lapsed }, { id: pending }] = [await begin(contact), await begin(contact)];
  for (const id of [lapsed, pending]) await ear.next("conversation:offered", (one) => one.conversation.id === id);
  await setMember(app().superuser, tenant, agentId, { availability: "away" });
  await app().superuser.query("UPDATE offers SET expires_at = now() - interval '1 minute' WHERE conversation_id = $1", [
    lapsed,
  ]);
  const sweep = () => handlers["offer.sweep"](app().app.node);
  await Promise.all([sweep(), sweep(), sweep()]);
  await sweep();
  expect(await offersOf(app().superuser, lapsed)).toMatchObject([{ status: "missed" }]);
  expect(await offersOf(app().superuser, pending)).toMatchObject([{ status: "pending" }]);
  expect(await slotsOf(app().superuser, tenant.id, agentId)).toBe(1);
});
