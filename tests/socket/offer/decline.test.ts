import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { anotherSocket, ask, codeOf, look, refused } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { loadOf } from "../support/tables.ts";
import { historyOf, offersOf, slotsOf } from "../routing/policy.ts";
import { offering } from "./scene.ts";

const app = useApp();

test("a declined offer goes to the next agent at once; colleagues read the reason, the contact reads nothing", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 2 });
  const ears = await hearAll(...agents);
  const { id: conversationId } = await begin(contact);
  const first = await Promise.race(ears.map((ear, i) => ear.next("conversation:offered").then(() => i)));
  const [decliner, other] = [agents[first]!, agents[1 - first]!];
  const ofDevice = await hear(await anotherSocket(decliner));
  const { conversation } = await ask(decliner, "offer:decline", { conversationId, reason: "in a call" });
  expect(conversation).toMatchObject({ status: "queued", publicSeq: 1, internalSeq: 1 });
  await ofDevice.next("offer:ended", (one) => one.status === "declined");
  await ears[1 - first]!.next("conversation:offered");
  await ask(other, "offer:accept", { conversationId });

  const [declinerId, otherId] = [decliner.ready!.actor.id, other.ready!.actor.id];
  expect(await offersOf(app().superuser, conversationId)).toEqual([
    { agentId: declinerId, status: "declined", reason: "in a call" },
    { agentId: otherId, status: "accepted", reason: null },
  ]);
  const internal = await ask(other, "conversation:history", { conversationId, audience: "internal", beforeSeq: 100 });
  expect(internal.entries).toMatchObject([
    { activity: { type: "offer_declined", agentId: declinerId, reason: "in a call" } },
  ]);
  expect((await look(contact, conversationId)).entries.map(({ activity }) => activity?.type)).toEqual([
    undefined,
    "assigned",
  ]);
  expect(await slotsOf(app().superuser, tenant.id, declinerId)).toBe(0);
  expect(await loadOf(app().superuser, tenant.id, otherId)).toBe(1);
  expect(await historyOf(app().superuser, tenant.id)).toMatchObject([{ agentId: otherId, trigger: "offer_declined" }]);
});

test("declining again has no further effect, and what was declined can't be accepted", async () => {
  const { contact, agents } = await offering(app(), { agents: 2 });
  const ears = await hearAll(...agents);
  const { id: conversationId } = await begin(contact);
  const first = await Promise.race(ears.map((ear, i) => ear.next("conversation:offered").then(() => i)));
  const decliner = agents[first]!;
  await Promise.all([1, 2, 3].map(() => ask(decliner, "offer:decline", { conversationId })));
  expect(await refused(ask(decliner, "offer:accept", { conversationId }))).toMatchObject({
    code: "conflict",
    details: { status: "declined" },
  });
  const offers = await offersOf(app().superuser, conversationId);
  expect(offers.filter(({ status }) => status === "declined")).toHaveLength(1);
  const other = agents[1 - first]!;
  const { entries } = await ask(other, "conversation:history", {
    conversationId,
    audience: "internal",
    beforeSeq: 100,
  });
  expect(entries).toHaveLength(1);
});

test("once everybody has declined it they are asked again, the same number of times each", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 2 });
  const { id: conversationId } = await begin(contact);
  for (let round = 1; round <= 4; round += 1) {
    const pending = await eventually(async () => {
      const offers = await offersOf(app().superuser, conversationId);
      return offers.find(({ status }) => status === "pending");
    }, "somebody is asked");
    const agent = agents.find(({ ready }) => ready!.actor.id === pending.agentId)!;
    await ask(agent, "offer:decline", { conversationId });
  }
  const offers = await offersOf(app().superuser, conversationId);
  const declined = offers.filter(({ status }) => status === "declined");
  for (const { id } of tenant.agents) expect(declined.filter(({ agentId }) => agentId === id)).toHaveLength(2);
});

test("an offer that was accepted can't be declined any more", async () => {
  const { contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const ear = await hear(agent);
  const { id: conversationId } = await begin(contact);
  await ear.next("conversation:offered");
  await ask(agent, "offer:accept", { conversationId });
  expect(await codeOf(ask(agent, "offer:decline", { conversationId }))).toBe("conflict");
  expect((await look(agent, conversationId)).conversation.status).toBe("open");
});
