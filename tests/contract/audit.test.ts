import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands } from "../../server/contract/define.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { customRole, giveRole } from "../rest/invitation/support.ts";
import { ask as request, auditOf, tokenFor } from "../rest/requests.ts";
import { all } from "../rest/routes-world.ts";
import { ask, say } from "../socket/support/ask.ts";
import { type Deed, deeds } from "../socket/support/deeds.ts";
import { talk } from "../socket/support/scene.ts";
import { settleWorld } from "../socket/support/world.ts";
import { useApp } from "../support/app.ts";
import { CommandFailed } from "../support/virtual-client.ts";
import { addAgent } from "../support/tenant.ts";
import { unaudited } from "../support/unaudited.ts";

const app = useApp({ RATE_LIMIT_FACTOR: "1000" });
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const commands: Commands = { ...widgetCommands, ...agentCommands };
const changing = Object.keys(commands).filter((name) => commands[name]!.limit !== "read");
const written = new Set<string>();

beforeAll(async () => {
  const live = async (some: Deed[]) => {
    const world = await settleWorld(app());
    for (const deed of some)
      await deed(world, app()).catch((error: unknown) => {
        // One after the other in one workspace, what no longer fits is refused.
        if (!(error instanceof CommandFailed)) throw error;
      });
    for (const { action } of await auditOf(app(), world.tenant)) written.add(action as string);
  };
  // What others leave no place for.
  for (const name of ["conversation:reopen", "offer:accept", "offer:decline"] as const)
    await live(Object.values(deeds[name]).slice(0, 1));
  await live(Object.values(deeds).flatMap((variants) => Object.values(variants)));
});

describe("the audit log", () => {
  test.each(changing)("tells of %s, or it is said why not", (name) => {
    expect({ name, told: written.has(name.replace(":", ".")), why: unaudited[name] !== undefined }).toEqual({
      name,
      told: unaudited[name] === undefined,
      why: unaudited[name] !== undefined,
    });
  });

  test("is spared by nothing that there is not", () => {
    const known = new Set<string>([...changing, ...all.map(([name]) => name)]);
    expect(Object.keys(unaudited).filter((name) => !known.has(name))).toEqual([]);
  });

  test("keeps what stood there before an edit and a deletion, for who may read every conversation", async () => {
    const { tenant, contact, conversationId } = await talk(app(), { roles: ["tenant_admin"] });
    const [first, second] = [randomUUID(), randomUUID()];
    const { seq } = await say(contact, conversationId, first);
    await ask(contact, "message:edit", { conversationId, seq, body: second });
    await ask(contact, "message:delete", { conversationId, seq });
    const where = { conversationId, audience: "public", seq };
    const found = (await auditOf(app(), tenant)).filter(({ action }) => String(action).startsWith("message."));
    expect(found).toMatchObject([
      { action: "message.edit", actor_kind: "contact", before: { body: first }, after: { ...where, body: second } },
      { action: "message.delete", actor_kind: "contact", before: { body: second }, after: where },
    ]);
    const clerk = await addAgent(app().superuser, tenant);
    await customRole(app(), tenant, "auditor", ["audit_event.read", "conversation.read"]);
    await giveRole(app(), tenant, clerk, "auditor");
    const read = async (token: string) => {
      const { body } = await request(app().url, "GET", "/audit-events?action=message", { token });
      return body.data as { before?: object }[];
    };
    const [asAdmin, asClerk] = [
      await read(await tokenFor(app(), tenant)),
      await read(await tokenFor(app(), tenant, clerk)),
    ];
    expect(asAdmin.map(({ before }) => before)).toEqual([{ body: second }, { body: first }]);
    expect(JSON.stringify(asClerk)).not.toMatch(new RegExp(`${first}|${second}`, "u"));
    expect(asClerk).toHaveLength(2);
  });

  test("tells of each message an API key sends for its maker, who takes what nobody holds by it", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    const contact = await app().contact(tenant);
    const { id } = await contact.start("hello");
    const admin = await tokenFor(app(), tenant);
    const permissions = ["conversation.read", "conversation.read_all", "message.send"];
    const made = await request(app().url, "POST", "/api-keys", { token: admin, body: { name: "CRM", permissions } });
    const { key, apiKey } = made.body;
    const body = { clientId: "crm-1", body: "your parcel is on its way" };
    const sent = await request(app().url, "POST", `/conversations/${id}/messages`, { token: key, body });
    expect(sent.status).toBe(201);
    // Asked again after a lost answer it is the same one, and told once.
    const again = await request(app().url, "POST", `/conversations/${id}/messages`, { token: key, body });
    expect(again.body.entry).toEqual(sent.body.entry);
    const { conversation } = (await request(app().url, "GET", `/conversations/${id}`, { token: admin })).body;
    expect(conversation.assigneeId).toBe(tenant.agents[0]!.id);
    const told = (await auditOf(app(), tenant)).filter(({ action }) => action === "message.send");
    expect(told).toMatchObject([
      {
        actor_kind: "api_key",
        actor_id: apiKey.id,
        on_behalf_of_id: tenant.agents[0]!.id,
        target_id: sent.body.entry.id,
        after: { conversationId: id, audience: "public", seq: sent.body.entry.seq },
      },
    ]);
  });
});
