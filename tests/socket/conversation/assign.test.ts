import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { actAs } from "../../rest/platform/support.ts";
import { useApp } from "../../support/app.ts";
import type { Person } from "../../support/people.ts";
import { addAgent } from "../../support/tenant.ts";
import { anotherSocket, ask, codeOf, look, refused, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { assignmentsOf, loadOf, loads } from "../support/tables.ts";

const app = useApp();

const idOf = (person: Person) => person.ready!.actor.id;
const outcomeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => "ok",
    (error: unknown) => codeOf(Promise.reject(error)),
  );

test("taking a conversation tells everyone, and the ack is what they are told and what a look shows", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent", "manager"] });
  const contact = await app().contact(tenant);
  const [agent, colleague, manager] = await Promise.all(
    tenant.agents.map((one) => app().agent(tenant, { agent: one })),
  );
  const { id: conversationId } = await begin(contact);
  const ears = await hearAll(colleague!, manager!, await anotherSocket(agent!));
  const ofContact = await hear(contact);
  const { conversation } = await ask(agent!, "conversation:assign", { conversationId });
  expect(conversation).toMatchObject({
    status: "open",
    assigneeId: idOf(agent!),
    assigneeName: tenant.agents[0]!.name,
    version: 2,
    publicSeq: 2,
  });
  for (const ear of ears) expect((await ear.calm()).of("conversation:updated").at(-1)).toEqual({ conversation });
  expect((await look(agent!, conversationId)).conversation).toEqual(conversation);
  await ofContact.calm();
  expect(ofContact.entries(conversationId)).toMatchObject([
    {
      kind: "activity",
      author: { kind: "agent", id: idOf(agent!) },
      activity: { type: "assigned", agentId: idOf(agent!) },
    },
  ]);
  expect(ofContact.of("conversation:updated").at(-1).conversation).toEqual(
    (await look(contact, conversationId)).conversation,
  );
});

test("of 50 agents who take one conversation at once exactly one has it, the others are told who", async () => {
  const tenant = await app().tenant({ roles: Array.from({ length: 50 }, () => "agent" as const) });
  const contact = await app().contact(tenant);
  const agents = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  const { id: conversationId } = await begin(contact);
  const refusals = await Promise.all(
    agents.map((agent) =>
      ask(agent, "conversation:assign", { conversationId }).then(
        () => undefined,
        (error: unknown) => refused(Promise.reject(error)),
      ),
    ),
  );
  const winner = agents[refusals.indexOf(undefined)]!;
  expect(refusals.filter((one) => one === undefined)).toHaveLength(1);
  const details = { conversationId, assigneeId: idOf(winner) };
  for (const one of refusals.filter((refusal) => refusal !== undefined))
    expect(one).toMatchObject({ code: "conflict", details });
  expect(await assignmentsOf(app().superuser, conversationId)).toMatchObject([
    { agentId: idOf(winner), running: true, decision: { trigger: "claimed", strategy: "manual" } },
  ]);
  for (const load of await loads(app().superuser, tenant.id)) {
    const held = load.agentId === idOf(winner) ? 1 : 0;
    expect(load).toMatchObject({ activeCount: held, running: held, held });
  }
  const { entries } = await look(contact, conversationId);
  expect(entries.filter(({ activity }) => activity?.type === "assigned")).toHaveLength(1);
});

test("capacity is never exceeded, whichever way many conversations come at once", async () => {
  const capacity = 3;
  const tenant = await app().tenant({ roles: ["agent", "agent"], capacity });
  const contact = await app().contact(tenant);
  const [agent, other] = await Promise.all(tenant.agents.map((one) => app().agent(tenant, { agent: one })));
  const tabs = [agent!, await anotherSocket(agent!), await anotherSocket(agent!)];
  const queued = await Promise.all(Array.from({ length: 24 }, () => begin(contact)));
  const outcomes = await Promise.all(
    queued.map(({ id: conversationId }, i) => {
      if (i % 4 === 3) return outcomeOf(say(tabs[i % 3]!, conversationId, "let me see"));
      if (i % 4 === 2) return outcomeOf(ask(other!, "conversation:assign", { conversationId, agentId: idOf(agent!) }));
      return outcomeOf(ask(tabs[i % 3]!, "conversation:assign", { conversationId }));
    }),
  );
  expect(await loadOf(app().superuser, tenant.id, idOf(agent!))).toBe(capacity);
  expect(await loadOf(app().superuser, tenant.id, idOf(other!))).toBe(0);
  // A reply goes out whether it takes the conversation or not; everything else that found no slot was refused.
  expect(outcomes.filter((_, i) => i % 4 === 3)).toEqual(Array.from({ length: 6 }, () => "ok"));
  expect(new Set(outcomes)).toEqual(new Set(["ok", "conflict"]));
  const held = await ask(agent!, "conversation:list", { view: "mine", limit: 100 });
  expect(held.conversations).toHaveLength(capacity);
});

test("conversations passed to and fro, taken, put back and resolved at once leave the counts right", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent", "agent"], capacity: 4 });
  const contact = await app().contact(tenant);
  const agents = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  const started = await Promise.all(Array.from({ length: 8 }, () => begin(contact)));
  const rounds = Array.from({ length: 120 }, (_, i) => async () => {
    const { id: conversationId } = started[(i * 5) % 8]!;
    const agent = agents[i % 3]!;
    const to = agents[(i * 7) % 3]!;
    const deeds = [
      () => ask(agent, "conversation:assign", { conversationId }),
      () => ask(agent, "conversation:assign", { conversationId, agentId: idOf(to) }),
      () => ask(agent, "conversation:assign", { conversationId, agentId: null }),
      () => ask(agent, "conversation:resolve", { conversationId }),
      () => ask(agent, "conversation:reopen", { conversationId }),
      () => say(agent, conversationId, "hm"),
      () => say(contact, conversationId, "well?"),
    ];
    return outcomeOf(deeds[(i * 11) % deeds.length]!());
  });
  const outcomes = await Promise.all(rounds.map((deed) => deed()));
  expect(outcomes.filter((outcome) => outcome !== "ok" && outcome !== "conflict")).toEqual([]);
  for (const { id } of tenant.agents) await loadOf(app().superuser, tenant.id, id);
  for (const { id } of started) {
    const { conversation, entries } = await look(agents[0]!, id);
    const running = (await assignmentsOf(app().superuser, id)).filter((assignment) => assignment.running);
    const over = conversation.status === "resolved" || conversation.status === "queued";
    expect(running.map(({ agentId }) => agentId)).toEqual(over ? [] : [conversation.assigneeId]);
    const seqs = entries.filter(({ audience }) => audience === "public").map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
  }
});

test("a conversation given to a colleague is theirs: they are told, follow it, and have one's slot no longer", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const ear = await hear(colleague);
  const { conversation } = await ask(agent, "conversation:assign", {
    conversationId,
    agentId: idOf(colleague),
    note: "she knows about socks",
  });
  expect(conversation).toMatchObject({ assigneeId: idOf(colleague), status: "open", internalSeq: 1 });
  const assigned = await ear.next("conversation:assigned");
  expect(assigned.conversation).toEqual((await look(colleague, conversationId)).conversation);
  await ear.calm();
  expect(ear.entries(conversationId)).toMatchObject([
    { activity: { type: "assigned", agentId: idOf(colleague), previousAgentId: idOf(agent) } },
  ]);
  expect(ear.entries(conversationId, "internal")).toMatchObject([{ seq: 1, body: "she knows about socks" }]);
  const message = await say(contact, conversationId, "hello?");
  expect((await ear.calm()).entries(conversationId).at(-1)).toEqual(message);
  expect(await loadOf(app().superuser, tenant.id, idOf(agent))).toBe(0);
  expect(await loadOf(app().superuser, tenant.id, idOf(colleague))).toBe(1);
  expect((await assignmentsOf(app().superuser, conversationId)).map(({ endReason }) => endReason)).toEqual([
    "reassigned",
    null,
  ]);
});

test("what one is assigned carries one's own number of unread messages, not that of whoever assigned it", async () => {
  const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(agent, "receipt:record", { conversationId, readSeq: 3 });
  const ear = await hear(colleague);
  await ask(agent, "conversation:assign", { conversationId, agentId: idOf(colleague) });
  const { conversation } = await ear.next("conversation:assigned");
  expect(conversation.unread).toBe(2);
});

test("put back into the queue it is held by nobody, and may be taken again", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const ear = await hear(contact);
  const { conversation } = await ask(agent, "conversation:assign", { conversationId, agentId: null });
  expect(conversation.status).toBe("queued");
  expect(conversation).not.toHaveProperty("assigneeId");
  expect((await ear.calm()).entries(conversationId)).toMatchObject([
    { activity: { type: "unassigned", previousAgentId: idOf(agent) } },
  ]);
  expect(await loadOf(app().superuser, tenant.id, idOf(agent))).toBe(0);
  await ask(agent, "conversation:assign", { conversationId });
  expect((await assignmentsOf(app().superuser, conversationId)).map(({ endReason }) => endReason)).toEqual([
    "unassigned",
    null,
  ]);
  expect(await loadOf(app().superuser, tenant.id, idOf(agent))).toBe(1);
});

test("assigning it to whoever has it already changes nothing", async () => {
  const { agent, conversationId } = await talk(app());
  const before = await look(agent, conversationId);
  const ear = await hear(agent);
  await ask(agent, "conversation:assign", { conversationId });
  await ask(agent, "conversation:assign", { conversationId, agentId: idOf(agent) });
  expect((await ear.calm()).news).toEqual([]);
  expect(await look(agent, conversationId)).toEqual(before);
});

test("what somebody else holds is taken over only by naming the version one sees", async () => {
  const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const error = await refused(ask(colleague, "conversation:assign", { conversationId }));
  expect(error).toMatchObject({ code: "conflict", details: { conversationId, assigneeId: idOf(agent), version: 2 } });
  const outdated = ask(colleague, "conversation:assign", { conversationId, expectedVersion: 1 });
  expect(await refused(outdated)).toMatchObject({ code: "conflict", details: { version: 2, status: "open" } });
  const { conversation } = await ask(colleague, "conversation:assign", { conversationId, expectedVersion: 2 });
  expect(conversation.assigneeId).toBe(idOf(colleague));
});

test("a resolved conversation is assigned to nobody, and neither is one to a full agent, a reader or no agent at all", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "read_only"], capacity: 1 });
  const { id: queued } = await begin(contact);
  const gone = await addAgent(app().superuser, tenant);
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [gone.id]);
  const assign = (id: string, agentId: string) => ask(agent, "conversation:assign", { conversationId: id, agentId });
  expect(await refused(assign(queued, idOf(agent)))).toMatchObject({
    code: "conflict",
    details: { agentId: idOf(agent), activeCount: 1, capacity: 1 },
  });
  expect(await codeOf(assign(queued, tenant.agents[1]!.id))).toBe("conflict");
  expect(await codeOf(assign(queued, gone.id))).toBe("not_found");
  expect(await codeOf(assign(queued, randomUUID()))).toBe("not_found");
  expect(await codeOf(assign(queued, contact.ready!.actor.id))).toBe("not_found");
  await ask(agent, "conversation:resolve", { conversationId });
  expect(await codeOf(assign(conversationId, idOf(agent)))).toBe("conflict");
  expect((await look(agent, queued)).conversation).toMatchObject({ status: "queued", version: 1, publicSeq: 1 });
  expect(await loadOf(app().superuser, tenant.id, idOf(agent))).toBe(0);
});

test("each assignment is in the audit, with who did it and what it was before", async () => {
  const { tenant, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:assign", { conversationId, agentId: null });
  const { rows } = await app().superuser.query(
    "SELECT action, actor_id, target_id, before, after FROM audit_events WHERE tenant_id = $1 AND action <> 'conversation.start'",
    [tenant.id],
  );
  expect(rows).toEqual([
    {
      action: "conversation.assign",
      actor_id: idOf(agent),
      target_id: conversationId,
      before: { assigneeId: idOf(agent) },
      after: { assigneeId: null },
    },
  ]);
});

test("who only acts as a member takes nothing for them, but may give it to others", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent"] });
  const [contact, colleague] = [await app().contact(tenant), await app().agent(tenant, { agent: tenant.agents[1]! })];
  const { accessToken } = await actAs(app(), tenant, { userId: tenant.agents[0]!.id, write: true });
  const staff = await app().agent(tenant, { token: () => accessToken });
  const { id: conversationId } = await begin(contact);
  expect(await codeOf(ask(staff, "conversation:assign", { conversationId }))).toBe("permission_denied");
  const { conversation } = await ask(staff, "conversation:assign", { conversationId, agentId: idOf(colleague) });
  expect(conversation.assigneeId).toBe(idOf(colleague));
});
