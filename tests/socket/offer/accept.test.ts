import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { anotherSocket, ask, codeOf, look, refused, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { assignmentsOf, loadOf } from "../support/tables.ts";
import { offersOf, setPolicy, slotsOf } from "../routing/policy.ts";
import { offering } from "./scene.ts";

const app = useApp();

test("an offer names its deadline, holds a slot and changes nothing for anybody else; accepting makes it theirs", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const device = await anotherSocket(agent);
  const [ear, ofDevice, ofContact] = await hearAll(agent, device, contact);
  const { id } = await begin(contact);
  const offer = await ear.next("conversation:offered");
  expect(offer.conversation).toMatchObject({ id, status: "queued", unread: 1 });
  expect(new Date(offer.expiresAt).getTime() - new Date(offer.offeredAt).getTime()).toBe(60_000);
  const agentId = agent.ready!.actor.id;
  expect(await slotsOf(app().superuser, tenant.id, agentId)).toBe(1);
  expect((await look(contact, id)).conversation.status).toBe("queued");

  const { conversation } = await ask(agent, "offer:accept", { conversationId: id });
  expect(conversation).toMatchObject({ id, status: "open", assigneeId: agentId });
  expect((await look(agent, id)).conversation).toEqual(conversation);
  await ofDevice.next("offer:ended", (told) => told.conversationId === id && told.status === "accepted");
  expect((await ear.calm()).of("offer:ended")).toEqual([]);
  const told = await ofContact.next("entry:appended", ({ entry }) => entry.activity?.type === "assigned");
  expect(told.entry).toMatchObject({ author: { kind: "system" }, activity: { agentId } });
  expect(await assignmentsOf(app().superuser, id)).toMatchObject([
    { agentId, running: true, decision: { trigger: "conversation_queued", strategy: "least_loaded" } },
  ]);
  expect(await offersOf(app().superuser, id)).toMatchObject([{ agentId, status: "accepted" }]);
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(1);
});

test("whoever connects is shown what is held out to them", async () => {
  const { contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const ear = await hear(agent);
  const { id } = await begin(contact);
  const offer = await ear.next("conversation:offered");
  const device = await anotherSocket(agent);
  expect(device.ready).toMatchObject({ offers: [offer] });
  await ask(device, "offer:accept", { conversationId: id });
  expect((await anotherSocket(agent)).ready).toMatchObject({ offers: [] });
});

test("accepting again, and on all devices at once, has one effect and one answer", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const device = await anotherSocket(agent);
  const ear = await hear(agent);
  const { id: conversationId } = await begin(contact);
  await ear.next("conversation:offered");
  const answers = await Promise.all(
    [agent, device, agent, device].map((one) => ask(one, "offer:accept", { conversationId })),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(await assignmentsOf(app().superuser, conversationId)).toHaveLength(1);
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
});

test("what was never offered to somebody is not theirs to accept, and another tenant's does not exist", async () => {
  const { contact, agents } = await offering(app(), { agents: 2 });
  const ears = await hearAll(...agents);
  const { id: conversationId } = await begin(contact);
  const offered = await Promise.race(ears.map((ear, i) => ear.next("conversation:offered").then(() => i)));
  const other = agents[1 - offered]!;
  expect(await refused(ask(other, "offer:accept", { conversationId }))).toMatchObject({ code: "not_found" });
  const stranger = await app().agent(await app().tenant());
  for (const command of ["offer:accept", "offer:decline"] as const)
    expect(await codeOf(ask(stranger, command, { conversationId }))).toBe("not_found");
  expect(await offersOf(app().superuser, conversationId)).toMatchObject([{ status: "pending" }]);
});

test("an offer that has lapsed can't be accepted, even before anybody has passed it on", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const ear = await hear(agent);
  const { id: conversationId } = await begin(contact);
  await ear.next("conversation:offered");
  await app().superuser.query("UPDATE offers SET expires_at = now() WHERE conversation_id = $1", [conversationId]);
  expect(await refused(ask(agent, "offer:accept", { conversationId }))).toMatchObject({
    code: "conflict",
    details: { conversationId, status: "missed" },
  });
  expect(await assignmentsOf(app().superuser, conversationId)).toEqual([]);
  await eventually(
    async () => (await offersOf(app().superuser, conversationId))[0]!.status === "missed",
    "it counts as missed",
  );
  expect(await slotsOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBeLessThanOrEqual(1);
});

test("taking an offered conversation, or replying in it, accepts the offer", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1, capacity: 2 });
  const [agent] = agents as [(typeof agents)[0]];
  const agentId = agent.ready!.actor.id;
  const ear = await hear(agent);
  const { id: taken } = await begin(contact);
  await ear.next("conversation:offered", (offer) => offer.conversation.id === taken);
  await ask(agent, "conversation:assign", { conversationId: taken });
  const { id: answered } = await begin(contact);
  await ear.next("conversation:offered", (offer) => offer.conversation.id === answered);
  await say(agent, answered, "hello");
  for (const id of [taken, answered])
    expect(await offersOf(app().superuser, id)).toMatchObject([{ agentId, status: "accepted" }]);
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(2);
});

test("a colleague who replies, or an assignment by hand, takes the offer back from who had it", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 2 });
  const ears = await hearAll(...agents);
  for (const take of ["reply", "assign"]) {
    const { id: conversationId } = await begin(contact);
    const offered = await Promise.race(
      ears.map((ear, i) =>
        ear.next("conversation:offered", (one) => one.conversation.id === conversationId).then(() => i),
      ),
    );
    const other = agents[1 - offered]!;
    if (take === "reply") await say(other, conversationId, "hello");
    else await ask(other, "conversation:assign", { conversationId });
    await ears[offered]!.next(
      "offer:ended",
      (one) => one.conversationId === conversationId && one.status === "withdrawn",
    );
    expect(await refused(ask(agents[offered]!, "offer:accept", { conversationId }))).toMatchObject({
      code: "conflict",
      details: { status: "withdrawn" },
    });
    expect((await look(other, conversationId)).conversation.assigneeId).toBe(other.ready!.actor.id);
    await ask(other, "conversation:resolve", { conversationId });
  }
  for (const { id } of tenant.agents) expect(await loadOf(app().superuser, tenant.id, id)).toBe(0);
});

test("a contact who resolves it takes the offer back", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const ear = await hear(agent);
  const { id: conversationId } = await begin(contact);
  await ear.next("conversation:offered");
  await ask(contact, "conversation:resolve", { conversationId });
  await ear.next("offer:ended", (one) => one.status === "withdrawn");
  expect(await slotsOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
  expect(await codeOf(ask(agent, "offer:accept", { conversationId }))).toBe("conflict");
});

test("no more is offered than an agent has slots for", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1, capacity: 2 });
  const [agent] = agents as [(typeof agents)[0]];
  const ear = await hear(agent);
  const started = [await begin(contact), await begin(contact), await begin(contact)];
  await eventually(() => ear.of("conversation:offered").length === 2, "two are offered");
  expect(await slotsOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(2);
  await setPolicy(app().superuser, tenant, { offer_seconds: 30 });
  await ask(agent, "offer:accept", { conversationId: started[0]!.id });
  await ask(agent, "conversation:resolve", { conversationId: started[0]!.id });
  await ear.next("conversation:offered", (one) => one.conversation.id === started[2]!.id);
});
