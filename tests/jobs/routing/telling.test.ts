import { and, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { conversations } from "../../../db/schema/index.ts";
import { systemCtx, transaction } from "../../../server/context.ts";
import { claim } from "../../../server/features/routing/claim.ts";
import { silentPublish } from "../../../server/realtime/silent-publish.ts";
import { useApp } from "../../support/app.ts";
import { ask } from "../../socket/support/ask.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin } from "../../socket/support/scene.ts";
import { setPolicy } from "../../socket/routing/policy.ts";

const app = useApp();

test("an agent whom a worker gives a conversation is told once, as if a node had given it, and follows it", async () => {
  const tenant = await app().tenant();
  await setPolicy(app().superuser, tenant, { strategy: "manual" });
  const contact = await app().contact(tenant);
  const agent = await app().agent(tenant);
  const ear = await hear(agent);
  const { id } = await begin(contact);
  // A process without sockets commits and tells nobody.
  const worker = systemCtx({ ...app().app.node, publish: silentPublish }, { id: tenant.id, name: "" });
  await transaction(worker, async (tx) => {
    const own = and(eq(conversations.tenantId, tenant.id), eq(conversations.id, id));
    const [conversation] = await tx.db.select().from(conversations).where(own).for("update");
    const agentId = tenant.agents[0]!.id;
    await claim(worker, tx, { conversation: conversation!, agentId, trigger: "reconciled", strategy: "least_loaded" });
  });
  const { conversation } = await ear.next("conversation:assigned");
  expect(conversation).toMatchObject({ id, assigneeId: tenant.agents[0]!.id, status: "open" });
  await ask(contact, "message:send", { conversationId: id, clientId: "and-then", body: "Are you there?" });
  await ear.next("entry:appended", ({ entry }) => entry.body === "Are you there?");
  expect(ear.of("conversation:assigned")).toHaveLength(1);
});
