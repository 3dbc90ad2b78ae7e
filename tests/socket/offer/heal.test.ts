import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask } from "../support/ask.ts";
import { type Ear, hear } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { setPolicy } from "../routing/policy.ts";
import { offering } from "./scene.ts";

const app = useApp();

type Offered = { conversation: { id: string } };

/** Hears the offer of a conversation, and which were offered until then. */
const hearOffer = async (ear: Ear, conversationId: string): Promise<string[]> => {
  await ear.next<Offered>("conversation:offered", ({ conversation }) => conversation.id === conversationId);
  return ear.of<Offered>("conversation:offered").map(({ conversation }) => conversation.id);
};

/** An offer whose maker died between its commit and telling anybody. */
const offerInSilence = async (tenantId: string, conversationId: string, agentId: string): Promise<void> => {
  await app().superuser.query(
    `WITH slot AS (UPDATE memberships SET active_count = active_count + 1 WHERE tenant_id = $1 AND user_id = $4)
     INSERT INTO offers (tenant_id, id, conversation_id, agent_id, department_id, decision, offered_at, expires_at)
     SELECT tenant_id, $2, id, $4, department_id, '{"trigger":"queued","strategy":"least_loaded","candidates":[]}',
       clock_timestamp(), clock_timestamp() + interval '1 minute'
     FROM conversations WHERE tenant_id = $1 AND id = $3`,
    [tenantId, randomUUID(), conversationId, agentId],
  );
};

test("an offer that no event told of reaches the agent on all devices within seconds, once, and can be accepted", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  await setPolicy(app().superuser, tenant, { strategy: "manual" });
  const other = await anotherSocket(agent);
  const [ear, ofOther] = [await hear(agent), await hear(other)];
  const { id: conversationId } = await begin(contact);
  await offerInSilence(tenant.id, conversationId, agent.ready!.actor.id);
  for (const one of [ear, ofOther])
    expect(await one.next("conversation:offered")).toMatchObject({
      conversation: { id: conversationId, status: "queued" },
      expiresAt: expect.any(String),
    });
  // By the time a later offer is healed, the first would have been told again.
  const { id: later } = await begin(contact);
  await offerInSilence(tenant.id, later, agent.ready!.actor.id);
  expect(await hearOffer(ear, later)).toEqual([conversationId, later]);
  expect((await ask(agent, "offer:accept", { conversationId })).conversation).toMatchObject({ status: "open" });
});

test("whoever connects is told what is held out to them at once, and not once more", async () => {
  const { tenant, contact, agents } = await offering(app(), { agents: 1 });
  const [agent] = agents as [(typeof agents)[0]];
  await setPolicy(app().superuser, tenant, { strategy: "manual" });
  const [first, second] = [await begin(contact), await begin(contact)];
  await offerInSilence(tenant.id, first.id, agent.ready!.actor.id);
  const other = await anotherSocket(agent);
  expect(other.ready).toMatchObject({ offers: [{ conversation: { id: first.id } }] });
  const ear = await hear(other);
  await offerInSilence(tenant.id, second.id, agent.ready!.actor.id);
  expect(await hearOffer(ear, second.id)).toEqual([second.id]);
});
