import { expect, test } from "vitest";
import { systemCtx, transaction } from "../../../server/context.ts";
import { handBack } from "../../../server/features/routing/hand-back.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask, look } from "../support/ask.ts";
import { hear } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { assignmentsOf, loadOf } from "../support/tables.ts";
import { offering } from "../offer/scene.ts";
import { offersOf, setPolicy, slotsOf } from "./policy.ts";

const app = useApp();

const takeFrom = async (tenant: TestTenant, agentId: string, reason: "agent_absent" | "agent_deactivated") => {
  const ctx = systemCtx(app().app.node, tenant);
  return (await transaction(ctx, (tx) => handBack(ctx, tx, agentId, reason))).departments;
};

test("what is handed back keeps its place in the queue, the contact reads it, and it goes to the next", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const agentId = agent.ready!.actor.id;
  await setPolicy(app().superuser, tenant, { strategy: "least_loaded" });
  const next = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(agent, "availability:set", { availability: "away" });
  const [ear, ofNext] = [await hear(contact), await hear(next)];
  const { rows: before } = await app().superuser.query(
    "SELECT queued_at, waiting_since FROM conversations WHERE id = $1",
    [conversationId],
  );
  expect(await takeFrom(tenant, agentId, "agent_absent")).toEqual([tenant.departmentId]);
  expect(await takeFrom(tenant, agentId, "agent_absent")).toEqual([]);
  const told = await ear.next("entry:appended", ({ entry }) => entry.activity?.type === "requeued");
  expect(told.entry).toMatchObject({
    author: { kind: "system" },
    activity: { previousAgentId: agentId, previousAgentName: tenant.agents[0]!.name },
  });
  // The contact reads it too, and is not told why.
  expect(told.entry.activity).not.toHaveProperty("reason");
  const { conversation } = await ofNext.next("conversation:assigned");
  expect(conversation.id).toBe(conversationId);
  const { rows: after } = await app().superuser.query(
    "SELECT queued_at, waiting_since FROM conversations WHERE id = $1",
    [conversationId],
  );
  expect(after).toEqual(before);
  expect(await assignmentsOf(app().superuser, conversationId)).toMatchObject([
    { agentId, running: false, endReason: "agent_absent" },
    { agentId: tenant.agents[1]!.id, running: true, decision: { trigger: "agent_absent" } },
  ]);
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(0);
});

test("of somebody absent what waits for its contact stays theirs; a member who leaves keeps nothing", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const agentId = agent.ready!.actor.id;
  const { id: resolved } = await begin(contact);
  await ask(agent, "conversation:assign", { conversationId: resolved });
  await ask(agent, "conversation:resolve", { conversationId: resolved });
  await app().superuser.query("UPDATE conversations SET status = 'pending' WHERE id = $1", [conversationId]);
  expect(await takeFrom(tenant, agentId, "agent_absent")).toEqual([]);
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(1);
  await takeFrom(tenant, agentId, "agent_deactivated");
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(0);
  const { conversation } = await look(contact, conversationId);
  expect(conversation.status).toBe("pending");
  expect(conversation).not.toHaveProperty("assigneeId");
  expect((await look(contact, resolved)).conversation.status).toBe("resolved");
});

test("offers are taken back as well, and pass to the next", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 2 });
  const { id } = await begin(contact);
  const [first] = await eventually(async () => {
    const offers = await offersOf(app().superuser, id);
    return offers.length > 0 ? offers : undefined;
  }, "it is offered");
  const gone = agents.find(({ ready }) => ready!.actor.id === first!.agentId)!;
  await ask(gone, "availability:set", { availability: "away" });
  await takeFrom(tenant, first!.agentId, "agent_deactivated");
  const offers = await eventually(async () => {
    const list = await offersOf(app().superuser, id);
    return list.length === 2 ? list : undefined;
  }, "somebody else has the offer");
  expect(offers).toMatchObject([{ status: "withdrawn" }, { status: "pending" }]);
  expect(offers[1]!.agentId).not.toBe(first!.agentId);
  expect(await slotsOf(app().superuser, tenant.id, first!.agentId)).toBe(0);
});
