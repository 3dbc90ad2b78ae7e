import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { eventually } from "../support/wait.ts";

test("all tabs of one visitor show the same, whichever of them speaks", async () => {
  const cluster = await startCluster();
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const first = await cluster.contact(tenant);
  const { id } = await first.start("hello");
  await agent.open(id);
  const visitorToken = first.visitorToken!;
  const tabs = [first];
  for (let i = 0; i < 4; i += 1) tabs.push(await cluster.contact(tenant, { visitorToken, at: cluster.list[i % 2]! }));
  expect(new Set(tabs.map((tab) => tab.recording.actor.id)).size).toBe(1);
  for (const tab of tabs) await tab.open(id);
  for (const [i, tab] of tabs.entries()) await tab.send(id, `from tab ${i}`);
  const { ack } = await agent.send(id, "I see you five times");
  for (const tab of tabs) await tab.upTo(id, ack!.seq);
  for (const tab of tabs) {
    expect(tab.recording.view.get(`${id}/public`)).toEqual(first.recording.view.get(`${id}/public`));
  }
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("an agent with many tabs is online once, and until the last of them closes", async () => {
  const cluster = await startCluster();
  const tenant = await cluster.tenant({ roles: ["agent", "manager"] });
  const tabs = [];
  for (let i = 0; i < 5; i += 1) tabs.push(await cluster.agent(tenant, { at: cluster.list[i % 2]! }));
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]! });
  const seen = () => manager.colleague(tenant.agents[0]!.id)?.presence;
  expect(await manager.until(() => seen() === "online", "the agent is online")).toBe(true);
  const offline: string[] = [];
  manager.socket.on("presence:changed", ({ actor, presence }) => {
    if (actor.id === tenant.agents[0]!.id && presence === "offline") offline.push(presence);
  });
  for (const tab of tabs.slice(0, 4)) tab.close();
  const last = tabs[4]!;
  // Presence is a lease: only time beyond it shows that four closed tabs did not end it.
  const begun = Date.now();
  await eventually(() => Date.now() - begun > 4_500, "the lease of a closed tab ran out", { everyMs: 250 });
  expect(offline).toEqual([]);
  last.close();
  expect(await manager.until(() => seen() === "offline", "the agent is offline")).toBe(true);
});

test("what is read in one tab is read in all", async () => {
  const cluster = await startCluster();
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const first = await cluster.contact(tenant, { at: cluster.list[0]! });
  const { id } = await first.start("hello");
  await agent.open(id);
  const { ack } = await agent.send(id, "please read this");
  const second = await cluster.contact(tenant, { visitorToken: first.visitorToken!, at: cluster.list[1]! });
  expect(second.ready!.unread).toBe(1);
  await first.command("receipt:record", { conversationId: id, readSeq: ack!.seq });
  const third = await cluster.contact(tenant, { visitorToken: first.visitorToken!, at: cluster.list[1]! });
  expect(third.ready!.unread).toBe(0);
});
