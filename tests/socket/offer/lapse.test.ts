import { expect, test } from "vitest";
import { lapseOffer } from "../../../server/features/offer/lapse.ts";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { anotherSocket, ask, look } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { historyOf, offersOf, setMember, slotsOf } from "../routing/policy.ts";
import { offering } from "./scene.ts";

const app = useApp();

/** As if the offer had been made so long ago that its time is over. */
const expire = (conversationId: string) =>
  app().superuser.query("UPDATE offers SET expires_at = now() WHERE conversation_id = $1 AND status = 'pending'", [
    conversationId,
  ]);

test("an offer that nobody answers passes to the next agent by itself, and colleagues can read it", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 2, seconds: 1 });
  const ears = await hearAll(...agents);
  const { id: conversationId } = await begin(contact);
  const first = await Promise.race(ears.map((ear, i) => ear.next("conversation:offered").then(() => i)));
  await ears[first]!.next("offer:ended", (one) => one.conversationId === conversationId && one.status === "missed");
  await ears[1 - first]!.next("conversation:offered");
  const other = agents[1 - first]!;
  await ask(other, "offer:accept", { conversationId });
  const missedBy = agents[first]!.ready!.actor.id;
  expect(await offersOf(app().superuser, conversationId)).toMatchObject([
    { agentId: missedBy, status: "missed" },
    { agentId: other.ready!.actor.id, status: "accepted" },
  ]);
  const { entries } = await ask(other, "conversation:history", {
    conversationId,
    audience: "internal",
    beforeSeq: 100,
  });
  expect(entries).toMatchObject([
    { author: { kind: "system" }, activity: { type: "offer_missed", agentId: missedBy } },
  ]);
  expect(await historyOf(app().superuser, tenant.id)).toMatchObject([{ trigger: "offer_missed" }]);
  expect(await slotsOf(app().superuser, tenant.id, missedBy)).toBe(0);
});

test("however many alarms go off for one offer, it is missed once; one that goes off early does nothing", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const ear = await hear(agent);
  const { id: conversationId } = await begin(contact);
  await ear.next("conversation:offered");
  const { node } = app().app;
  const alarms = () => Promise.all([1, 2, 3, 4].map(() => lapseOffer(node, tenant, conversationId)));
  await alarms();
  expect(await offersOf(app().superuser, conversationId)).toMatchObject([{ status: "pending" }]);
  await setMember(app().superuser, tenant, agent.ready!.actor.id, { availability: "away" });
  await expire(conversationId);
  await alarms();
  expect(await offersOf(app().superuser, conversationId)).toMatchObject([{ status: "missed" }]);
  expect(await slotsOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
  expect((await look(agent, conversationId)).conversation).toMatchObject({ status: "queued", internalSeq: 1 });
});

test("who lets three offers in a row pass is set away, and told; colleagues see it", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const agentId = agent.ready!.actor.id;
  const seesAll = await addAgent(app().superuser, tenant, "manager", { inDepartment: false });
  const manager = await app().agent(tenant, { agent: seesAll });
  const [ear, ofManager] = await hearAll(agent, manager);
  const told: number[] = [];
  for (let round = 1; round <= 3; round += 1) {
    const { id: conversationId } = await begin(contact);
    await ear.next("conversation:offered", (one) => one.conversation.id === conversationId);
    await expire(conversationId);
    await ear.next("offer:ended", (one) => one.conversationId === conversationId && one.status === "missed");
    // Out of the way, so that the next is another.
    await ask(contact, "conversation:resolve", { conversationId });
    told.push(ear.of("availability:changed").length);
  }
  expect(told.slice(0, 2)).toEqual([0, 0]);
  expect(await ear.next("availability:changed")).toEqual({ availability: "away", reason: "missed_offers" });
  await ofManager.next("presence:changed", (one) => one.actor.id === agentId && one.availability === "away");
  expect((await anotherSocket(agent)).ready).toMatchObject({ availability: "away" });
  const { id: waits } = await begin(contact);
  await ask(agent, "availability:set", { availability: "available" });
  await ear.next("conversation:offered", (one) => one.conversation.id === waits);
});

test("an answer in between forgets what was missed before", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  const agentId = agent.ready!.actor.id;
  const ear = await hear(agent);
  await setMember(app().superuser, tenant, agentId, { missed_offers: 2 });
  const { id: answered } = await begin(contact);
  await ear.next("conversation:offered", (one) => one.conversation.id === answered);
  await ask(agent, "offer:decline", { conversationId: answered });
  await ask(contact, "conversation:resolve", { conversationId: answered });
  const { id: missed } = await begin(contact);
  await ear.next("conversation:offered", (one) => one.conversation.id === missed);
  await expire(missed);
  await ear.next("offer:ended", (one) => one.conversationId === missed && one.status === "missed");
  expect((await anotherSocket(agent)).ready).toMatchObject({ availability: "available" });
});

test("what is held out to somebody who is gone is taken back without waiting for the deadline, and counts as nobody's failing", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 2, seconds: 600 });
  const ears = await hearAll(...agents);
  const { id: conversationId } = await begin(contact);
  const first = await Promise.race(ears.map((ear, i) => ear.next("conversation:offered").then(() => i)));
  const gone = agents[first]!.ready!.actor.id;
  agents[first]!.close();
  await ears[1 - first]!.next("conversation:offered", (one) => one.conversation.id === conversationId, 15_000);
  expect(await offersOf(app().superuser, conversationId)).toMatchObject([
    { agentId: gone, status: "withdrawn" },
    { status: "pending" },
  ]);
  await eventually(async () => (await slotsOf(app().superuser, tenant.id, gone)) === 0, "the slot is free again");
});
