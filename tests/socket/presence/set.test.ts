import { expect, test } from "vitest";
import { actAs } from "../../rest/platform/support.ts";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { anotherSocket, ask, codeOf } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import type { Ear } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { addDepartment, idOf } from "../support/world.ts";

const app = useApp();

const presencesOf = (ear: Ear, id: string) =>
  ear.of("presence:changed", ({ actor }) => actor.id === id).map(({ presence }) => presence);

test("somebody is idle only when they are at all of their devices, and online again at the first sign of life", async () => {
  const tenant = await app().tenant({ roles: ["agent", "manager"] });
  const [agent, manager] = [await app().agent(tenant), await app().agent(tenant, { agent: tenant.agents[1]! })];
  const phone = await anotherSocket(agent);
  const id = idOf(agent);
  const ear = await hear(manager);
  const lastly = (presence: string) =>
    manager.until(() => presencesOf(ear, id).at(-1) === presence, `${presence} is what was told last`);
  expect(await ask(agent, "presence:set", { presence: "idle" })).toEqual({ presence: "online" });
  expect(await ask(phone, "presence:set", { presence: "idle" })).toEqual({ presence: "idle" });
  await lastly("idle");
  const seen = (await anotherSocket(manager)).ready!.colleagues!.find((colleague) => colleague.id === id);
  expect(seen).toMatchObject({ presence: "idle" });
  expect(await ask(agent, "presence:set", { presence: "online" })).toEqual({ presence: "online" });
  await lastly("online");
  // The device that was not idle is closed: the idle one is left.
  agent.close();
  await lastly("idle");
  expect(presencesOf(ear, id)).not.toContain("offline");
});

test("who is idle is given conversations all the same", async () => {
  const tenant = await app().tenant({ strategy: "least_loaded" });
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  await ask(agent, "presence:set", { presence: "idle" });
  const ear = await hear(agent);
  const { id } = await begin(contact);
  expect((await ear.next("conversation:assigned")).conversation.id).toBe(id);
});

test("a reload is not noticed, and who stays away is offline after the grace", async () => {
  const tenant = await app().tenant({ roles: ["agent", "manager"] });
  const [agent, manager] = [await app().agent(tenant), await app().agent(tenant, { agent: tenant.agents[1]! })];
  const ear = await hear(manager);
  const id = idOf(agent);
  agent.close();
  const back = await anotherSocket(agent);
  await app().agent(tenant, { agent: await addAgent(app().superuser, tenant) });
  // The newcomer is told of, so whatever there was to tell of the other had been told as well.
  await ear.next("presence:changed", ({ actor }) => actor.id !== id);
  back.close();
  await ear.next("presence:changed", ({ actor, presence }) => actor.id === id && presence === "offline");
  expect(presencesOf(ear, id)).toEqual(["offline"]);
});

test("presence is heard by colleagues of one's departments and whoever sees everything, and by nobody else", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent"] });
  const { superuser } = app();
  const boss = await addAgent(superuser, tenant, "manager", { inDepartment: false });
  const other = await addAgent(superuser, tenant, "agent", { inDepartment: false });
  await addDepartment(superuser, tenant, { strategy: "manual", members: [other.id] });
  const foreign = await app().tenant();
  const [mate, manager, elsewhere] = await Promise.all(
    [tenant.agents[1]!, boss, other].map((agent) => app().agent(tenant, { agent })),
  );
  const [stranger, visitor] = [await app().agent(foreign), await app().contact(tenant)];
  await begin(visitor);
  expect(mate!.ready!.colleagues!.map(({ id }) => id).toSorted()).toEqual(tenant.agents.map(({ id }) => id).toSorted());
  expect(manager!.ready!.colleagues).toHaveLength(4);
  expect(elsewhere!.ready!.colleagues!.map(({ id }) => id)).toEqual([other.id]);
  const ears = await hearAll(mate!, manager!, elsewhere!, stranger, visitor);
  const agent = await app().agent(tenant);
  const [ofMate, ofManager, ...others] = ears;
  for (const ear of [ofMate, ofManager]) {
    const told = await ear.next("presence:changed", ({ actor }) => actor.id === idOf(agent));
    expect(told).toMatchObject({ actor: { kind: "agent" }, presence: "online", availability: "available" });
  }
  await ask(agent, "availability:set", { availability: "away" });
  for (const ear of [ofMate, ofManager])
    await ear.next("presence:changed", ({ availability }) => availability === "away");
  for (const ear of others) expect(presencesOf(await ear.calm(), idOf(agent))).toEqual([]);
});

test("a session that may not answer contacts is not present, whatever it says", async () => {
  const tenant = await app().tenant({ roles: ["read_only", "manager"] });
  const [reader, manager] = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  expect(await ask(reader!, "presence:set", { presence: "online" })).toEqual({ presence: "offline" });
  const { ready } = await anotherSocket(manager!);
  expect(ready!.colleagues!.find(({ id }) => id === idOf(reader!))).toMatchObject({ presence: "offline" });
});

test("who acts as a member is not present by it", async () => {
  const { tenant, agent } = await talk(app(), { roles: ["agent", "manager"] });
  const manager = await app().agent(tenant, { agent: tenant.agents[1]! });
  const id = idOf(agent);
  agent.close();
  await manager.until(() => manager.colleague(id)?.presence === "offline", "the agent is gone");
  const { accessToken, staff: who } = await actAs(app(), tenant, { userId: tenant.agents[0]!.id, write: true });
  const staff = await app().agent(tenant, { agent: tenant.agents[0]!, token: () => accessToken });
  expect(staff.ready).toMatchObject({ via: { kind: "platform", name: who.member.name } });
  expect(await ask(staff, "presence:set", { presence: "online" })).toEqual({ presence: "offline" });
  expect(await codeOf(ask(staff, "availability:set", { availability: "away" }))).toBe("permission_denied");
});
