import { expect, test } from "vitest";
import { estimateWait } from "../../../server/features/queue/list.ts";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { addDepartment } from "../support/world.ts";

const app = useApp();

test("a wait is the place times the recent handling time by the agents there are, and unknown without either", () => {
  expect(estimateWait(3, 120, 2)).toBe(180);
  expect(estimateWait(1, 90.4, 1)).toBe(90);
  expect(estimateWait(1, null, 2)).toBeNull();
  expect(estimateWait(1, 120, 0)).toBeNull();
});

test("who waits is told their place, and everybody behind when somebody is taken", async () => {
  const tenant = await app().tenant();
  const agent = await app().agent(tenant);
  const contacts = [await app().contact(tenant), await app().contact(tenant), await app().contact(tenant)];
  const ears = await hearAll(...contacts);
  const ids: string[] = [];
  for (const contact of contacts) ids.push((await begin(contact)).id);
  const place = (i: number, position: number) => ({ conversationId: ids[i], position, estimatedWaitSeconds: null });
  for (const [i, ear] of ears.entries()) {
    await ear.next("queue:changed", ({ position }) => position === i + 1);
    expect(ear.of("queue:changed").at(-1)).toEqual(place(i, i + 1));
  }
  await ask(agent, "conversation:assign", { conversationId: ids[0] });
  await ears[1]!.next("queue:changed", ({ position }) => position === 1);
  await ears[2]!.next("queue:changed", ({ position }) => position === 2);
  // Nobody hears of anybody else's place, and who is served of none.
  for (const [i, ear] of ears.entries()) {
    expect(new Set((await ear.calm()).of("queue:changed").map(({ conversationId }) => conversationId))).toEqual(
      new Set([ids[i]]),
    );
  }
  expect(ears[0]!.of("queue:changed").map(({ position }) => position)).toEqual([1]);
  const back = contacts[2]!.again();
  back.connect().catch(() => {});
  expect(await back.next("queue:changed")).toEqual(place(2, 2));
  back.close();
});

test("many who come at once are told their places in the end, and not once for each who comes", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const ear = await hear(contact);
  const many = 40;
  await Promise.all(Array.from({ length: many }, () => begin(contact)));
  const places = () =>
    new Map<string, number>(ear.of("queue:changed").map(({ conversationId, position }) => [conversationId, position]));
  await contact.until(() => new Set(places().values()).size === many, "everybody knows another place");
  expect([...places().values()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: many }, (_, i) => i + 1));
  expect(ear.of("queue:changed").length).toBeLessThan((many * many) / 4);
});

test("the more urgent stands first, a resolved one stands nowhere, and a hand-over moves both queues", async () => {
  const tenant = await app().tenant();
  const agent = await app().agent(tenant);
  const [one, other] = [await app().contact(tenant), await app().contact(tenant)];
  const [first, second] = [await begin(one), await begin(other)];
  const ear = await hear(other);
  const departmentId = await addDepartment(app().superuser, tenant, { strategy: "manual" });
  await ask(agent, "conversation:transfer", { conversationId: second.id, departmentId });
  await ear.next("queue:changed", ({ position }) => position === 1);
  const ofOne = await hear(one);
  await app().superuser.query("UPDATE conversations SET priority = 5 WHERE id = $1", [second.id]);
  const manager = await app().agent(tenant, { agent: tenant.agents[0]! });
  await ask(manager, "conversation:assign", { conversationId: first.id });
  await ask(manager, "conversation:assign", { conversationId: first.id, agentId: null });
  await ofOne.next("queue:changed", ({ position }) => position === 1);
  await ask(one, "conversation:resolve", { conversationId: first.id });
  const { ready } = await anotherSocket(one);
  expect(ready!.cursors).toEqual([]);
});

test("the wait rests on how long the department's conversations lately held an agent", async () => {
  const tenant = await app().tenant({ capacity: 2 });
  const agent = await app().agent(tenant);
  const contact = await app().contact(tenant);
  for (const minutes of [2, 4]) {
    const { id } = await begin(contact);
    await say(agent, id, "done");
    await ask(agent, "conversation:resolve", { conversationId: id });
    await app().superuser.query(
      "UPDATE assignments SET started_at = ended_at - make_interval(mins => $2) WHERE conversation_id = $1",
      [id, minutes],
    );
  }
  const ear = await hear(contact);
  const { id } = await begin(contact);
  const told = await ear.next("queue:changed", ({ conversationId }) => conversationId === id);
  expect(told).toEqual({ conversationId: id, position: 1, estimatedWaitSeconds: 90 });
  // Nobody is there to take it: nothing is promised.
  await ask(agent, "availability:set", { availability: "away" });
  await ear.next("queue:changed", ({ estimatedWaitSeconds }) => estimatedWaitSeconds === null);
});

test("a change that only the log tells of reaches those who wait as well", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const [first, second] = [await begin(contact), await begin(contact)];
  const ear = await hear(contact);
  await ear.next("queue:changed", ({ conversationId }) => conversationId === second.id);
  // As a worker does: it commits and tells nobody.
  await app().superuser.query(
    `UPDATE conversations SET status = 'resolved', version = version + 1,
       active_bucket = floor(extract(epoch FROM clock_timestamp()) / 10)::integer WHERE id = $1`,
    [first.id],
  );
  const moved = await ear.next("queue:changed", (one) => one.conversationId === second.id && one.position === 1);
  expect(moved).toEqual({ conversationId: second.id, position: 1, estimatedWaitSeconds: null });
});
