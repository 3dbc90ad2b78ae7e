import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, look } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";

const app = useApp();

test("availability is told to every colleague and to one's other tabs, and every later connect shows it", async () => {
  const tenant = await app().tenant({ roles: ["agent", "manager"] });
  const [agent, manager] = await Promise.all(tenant.agents.map((one) => app().agent(tenant, { agent: one })));
  const contact = await app().contact(tenant);
  const ears = await hearAll(manager!, await anotherSocket(agent!));
  const ofContact = await hear(contact);
  const { actor } = agent!.ready!;
  for (const availability of ["away", "available"] as const) {
    expect(await ask(agent!, "availability:set", { availability })).toEqual({ availability, presence: "online" });
    for (const ear of ears) {
      // Presence is told at its own pace, and once more where an arrival is told in the same moment: it says the same.
      // A colleague who has just come may be told of in the same moment too.
      const isTold = (one: { actor: { id: string }; availability: string }) =>
        one.actor.id === actor.id && one.availability === availability;
      await ear.next("presence:changed", isTold);
      for (const one of ear.of("presence:changed", isTold))
        expect(one).toEqual({ actor, presence: "online", availability });
    }
    const { ready } = await anotherSocket(agent!);
    expect(ready).toMatchObject({ availability });
    const seen = (await anotherSocket(manager!)).ready!.colleagues!.find(({ id }) => id === actor.id);
    expect(seen).toMatchObject({ availability, presence: "online" });
  }
  expect((await ofContact.calm()).of("presence:changed")).toEqual([]);
});

test("whoever is away is given nothing, and what waits when they are back", async () => {
  const tenant = await app().tenant({ strategy: "least_loaded" });
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  await ask(agent, "availability:set", { availability: "away" });
  const waiting = await Promise.all(Array.from({ length: 3 }, () => begin(contact)));
  for (const { id } of waiting) expect((await look(agent, id)).conversation.status).toBe("queued");
  const ear = await hear(agent);
  await ask(agent, "availability:set", { availability: "available" });
  await agent.until(() => ear.of("conversation:assigned").length === 3, "what waited is assigned");
  const { conversations } = await ask(agent, "conversation:list", { view: "mine" });
  expect(conversations.map(({ id }) => id).toSorted()).toEqual(waiting.map(({ id }) => id).toSorted());
});

test("being away keeps what one holds", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { id: conversationId } = await begin(contact);
  await ask(agent, "conversation:assign", { conversationId });
  await ask(agent, "availability:set", { availability: "away" });
  expect((await look(agent, conversationId)).conversation.assigneeId).toBe(agent.ready!.actor.id);
});
