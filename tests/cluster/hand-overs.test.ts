import { expect, test } from "vitest";
import { hear } from "../socket/support/hear.ts";
import { addDepartment } from "../socket/support/world.ts";
import { startCluster } from "../support/cluster.ts";

test("who loses sight of a conversation loses it on every node, and those who wait there hear their place", async () => {
  const cluster = await startCluster();
  const [first, second] = cluster.list;
  const tenant = await cluster.tenant({ roles: ["agent", "agent"] });
  const departmentId = await addDepartment(cluster.superuser, tenant, { strategy: "manual" });
  const agent = await cluster.agent(tenant, { at: first! });
  const colleague = await cluster.agent(tenant, { agent: tenant.agents[1]!, at: second! });
  const contact = await cluster.contact(tenant, { at: second! });
  const { id: conversationId } = await contact.start("hello");
  await colleague.open(conversationId);
  const [ofColleague, ofContact] = [await hear(colleague), await hear(contact)];
  await agent.command("conversation:transfer", { conversationId, departmentId });
  expect(await ofColleague.next("conversation:removed")).toEqual({ conversationId });
  expect(await ofContact.next("queue:changed")).toEqual({ conversationId, position: 1, estimatedWaitSeconds: null });
  await contact.send(conversationId, "a secret");
  await contact.until(
    () => ofContact.entries(conversationId).some(({ activity }) => activity?.type === "transferred"),
    "the contact is told",
  );
  expect(JSON.stringify((await ofColleague.calm()).heard)).not.toContain("a secret");
  await expect(colleague.command("conversation:open", { conversationId })).rejects.toThrow("not_found");
});
