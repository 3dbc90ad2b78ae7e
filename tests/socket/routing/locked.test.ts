import { expect, test } from "vitest";
import { systemCtx, transaction } from "../../../server/context.ts";
import { lapseOffer } from "../../../server/features/offer/lapse.ts";
import { handBack } from "../../../server/features/routing/hand-back.ts";
import { useApp } from "../../support/app.ts";
import { hold, holdConversation } from "../../support/hold.ts";
import { eventually } from "../../support/wait.ts";
import { offering } from "../offer/scene.ts";
import { ask, look, say } from "../support/ask.ts";
import { begin, talk } from "../support/scene.ts";
import { loadOf } from "../support/tables.ts";
import { offersOf } from "./policy.ts";

const app = useApp();

test("while somebody holds an agent's membership, people go on writing in the queue and other workspaces are routed", async () => {
  const tenant = await app().tenant({ strategy: "least_loaded" });
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const letGo = await hold(app().superuser, "SELECT FROM memberships WHERE tenant_id = $1 FOR UPDATE", [tenant.id]);
  const queued = [await begin(contact), await begin(contact)];
  const other = await app().tenant({ strategy: "least_loaded" });
  const [neighbour, theirs] = [await app().contact(other), await app().agent(other)];
  const given = theirs.next("conversation:assigned");
  const { id } = await begin(neighbour);
  expect((await given).conversation.id).toBe(id);
  for (let i = 0; i < 5; i += 1) for (const { id: mine } of queued) await say(contact, mine, `I am waiting ${i}`);
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
  await letGo();
  await eventually(
    async () => (await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)) === 2,
    "both are given to the agent",
  );
});

test("what is locked is passed over when an agent's conversations are handed back, and found the next time", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const { id: second } = await begin(contact);
  await ask(agent, "conversation:assign", { conversationId: second });
  await ask(agent, "availability:set", { availability: "away" });
  const ctx = systemCtx(app().app.node, tenant);
  const take = () => transaction(ctx, (tx) => handBack(ctx, tx, agent.ready!.actor.id, "agent_absent"));
  const letGo = await holdConversation(app().superuser, conversationId);
  expect(await take()).toMatchObject({ passedOver: true });
  expect((await look(contact, second)).conversation.status).toBe("queued");
  expect((await look(contact, conversationId)).conversation.status).toBe("open");
  await letGo();
  expect(await take()).toMatchObject({ passedOver: false });
  expect((await look(contact, conversationId)).conversation.status).toBe("queued");
});

test("an offer that is over waits for its locked conversation without holding up anybody", async () => {
  const { tenant, contact } = await offering(app(), { agents: 1, seconds: 1 });
  const { id } = await begin(contact);
  await eventually(async () => (await offersOf(app().superuser, id)).length > 0, "it is offered");
  const letGo = await holdConversation(app().superuser, id);
  const { rows } = await app().superuser.query(
    "SELECT pg_sleep_until(expires_at) FROM offers WHERE conversation_id = $1",
    [id],
  );
  expect(rows).toHaveLength(1);
  expect(await lapseOffer(app().app.node, tenant, id)).toBe(false);
  expect((await offersOf(app().superuser, id))[0]!.status).toBe("pending");
  await letGo();
  await eventually(async () => (await offersOf(app().superuser, id))[0]!.status === "missed", "it is passed on");
});

test("a transaction that Postgres ended since its process did nothing for too long is undone and goes again", async () => {
  const tenant = await app().tenant();
  let runs = 0;
  await app().app.node.tenancy.withTenant(tenant.id, async (db) => {
    runs += 1;
    await db.execute("UPDATE departments SET position = position + 1");
    if (runs === 1)
      await eventually(async () => {
        const { rows } = await app().superuser.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' AND usename <> current_user",
        );
        return rows.length === 0;
      }, "Postgres has ended it");
    await db.execute("UPDATE departments SET position = position + 1");
  });
  expect(runs).toBe(2);
  const { rows } = await app().superuser.query("SELECT position FROM departments WHERE tenant_id = $1", [tenant.id]);
  expect(rows).toEqual([{ position: 2 }]);
});
