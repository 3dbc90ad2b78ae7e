import { randomUUID } from "node:crypto";
import { beforeAll, expect, test, vi } from "vitest";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands } from "../../server/contract/define.ts";
import { type Permission, tenantPermissions } from "../../server/contract/permissions.ts";
import { customRole, giveRole } from "../rest/invitation/support.ts";
import { ask as request } from "../rest/requests.ts";
import { isForStaff, parametersOf, those, withIds } from "../rest/routes-world.ts";
import { ask, codeOf } from "../socket/support/ask.ts";
import { deeds, laterDeeds } from "../socket/support/deeds.ts";
import { listen, type Listener } from "../socket/support/listener.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { minimal } from "../socket/support/samples.ts";
import { addMember, idOf, settleWorld, type World } from "../socket/support/world.ts";
import { useApp } from "../support/app.ts";
import { CommandFailed } from "../support/virtual-client.ts";
import { addAgent, openSession, type TestAgent } from "../support/tenant.ts";
import { eventually } from "../support/wait.ts";

const app = useApp({ HEAL_INTERVAL_MS: "200", RATE_LIMIT_FACTOR: "1000" });
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

type Limited = { agent: TestAgent; token: string; listener: Listener };
let world: World;
/** One agent for each permission, who holds that one and nothing else. */
const limited = new Map<Permission, Limited>();
/** Holds every permission: what the others are spared must really have been told. */
let control: Listener;
/** Contacts: the one all of this is about, and a stranger with a conversation of their own. */
let contact: Listener;
let stranger: Listener;

const own = new Map<string, string[]>();
const atEnd: (() => void)[] = [];

/** Everything of the tenant's that must not be told to whoever may not see it. */
type Secrets = { conversations: string[]; people: string[] };
let secrets: Secrets;

const join = async (permissions: readonly string[], key: string): Promise<Limited> => {
  const { superuser, url } = app();
  const { tenant, elsewhere, held, offered } = world;
  await customRole(app(), tenant, key, [...permissions]);
  const agent = await addAgent(superuser, tenant);
  await giveRole(app(), tenant, agent, key);
  await addMember(superuser, tenant, elsewhere, agent.id);
  // Whoever once took part, as somebody whose role was another then.
  for (const conversationId of [held, offered])
    await superuser.query(
      "INSERT INTO participants (tenant_id, conversation_id, actor_kind, actor_id) VALUES ($1, $2, 'agent', $3)",
      [tenant.id, conversationId, agent.id],
    );
  const token = await openSession(superuser, tenant, agent);
  const listener = await listen(url, "/agent", { accessToken: token }, { atEnd: (work) => atEnd.push(work) });
  own.set(key, [agent.id, agent.name]);
  return { agent, token, listener };
};

/** Lets everything happen that commands can bring about, one after the other; what no longer fits is refused. */
const liveOn = async (): Promise<void> => {
  const all = [...Object.values(deeds).flatMap((variants) => Object.values(variants)), ...Object.values(laterDeeds)];
  for (const deed of all)
    await deed(world, app()).catch((error: unknown) => {
      if (!(error instanceof CommandFailed)) throw error;
    });
};

const heardBy = ({ heard }: Listener) => JSON.stringify(heard);
const found = (text: string, words: readonly string[], except: readonly string[] = []) =>
  words.filter((word) => !except.includes(word) && text.includes(word));

beforeAll(async () => {
  world = await settleWorld(app());
  const { superuser, url } = app();
  const { tenant } = world;
  control = (await join(tenantPermissions, "everything")).listener;
  for (const permission of tenantPermissions) limited.set(permission, await join([permission], permission));
  const { key, origin } = tenant.inbox;
  const visit = (visitorToken?: string) =>
    listen(url, "/widget", { inboxKey: key, visitorToken }, { origin, atEnd: (work) => atEnd.push(work) });
  contact = await visit(world.contact.visitorToken);
  stranger = await visit();
  await stranger.ask("conversation:start", { clientId: randomUUID(), body: "somebody else's" });
  await control.ask("conversation:open", { conversationId: world.held });
  await contact.ask("conversation:open", { conversationId: world.held });
  await liveOn();
  const { rows } = await superuser.query<{ id: string; contact: string; bodies: string[] }>(
    `SELECT c.id, c.contact_id AS contact, coalesce((
       SELECT array_agg(body) FROM entries e WHERE e.tenant_id = c.tenant_id AND e.conversation_id = c.id AND length(body) > 3
     ), '{}') AS bodies
     FROM conversations c WHERE c.tenant_id = $1`,
    [tenant.id],
  );
  const mine = rows.filter(({ bodies }) => !bodies.includes("somebody else's"));
  const members = await superuser.query<{ id: string; name: string }>(
    "SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1",
    [tenant.id],
  );
  secrets = {
    conversations: [
      ...new Set(mine.flatMap((row) => [row.id, row.contact, ...row.bodies.map((b) => JSON.stringify(b))])),
    ],
    people: members.rows.flatMap(({ id, name }) => [id, name]),
  };
  // What is told at its own pace is told by now to whoever may hear it.
  const kinds = [
    "entry:appended",
    "timeline:head",
    "conversation:updated",
    "typing:changed",
    "receipt:recorded",
    "presence:changed",
  ];
  await eventually(
    () => kinds.every((kind) => control.heard.some(({ event }) => event === kind)),
    "whoever holds every right hears of everything",
  );
  await Promise.all(
    [control, contact, stranger, ...[...limited.values()].map(({ listener }) => listener)].map((one) => one.calm()),
  );
  return () => {
    for (const end of atEnd) end();
  };
});

const blind = tenantPermissions.filter((permission) => permission !== "conversation.read");
const strange = blind.filter((permission) => permission !== "agent.read");

test.each(blind)("whoever holds %s alone hears of no conversation, and begins with none", (permission) => {
  const { heard } = limited.get(permission)!.listener;
  expect(found(JSON.stringify(heard), secrets.conversations)).toEqual([]);
  expect(heard[0]).toMatchObject({ event: "session:ready", payload: { unread: 0, cursors: [], offers: [] } });
  const about = /^(?:entry|timeline|conversation|offer|receipt|typing):/u;
  expect(heard.map(({ event }) => event).filter((event) => about.test(event))).toEqual([]);
});

test.each(strange)("whoever holds %s alone hears of nobody but themselves", (permission) => {
  const { heard } = limited.get(permission)!.listener;
  const self = own.get(permission)!;
  expect(found(JSON.stringify(heard), secrets.people, self)).toEqual([]);
  expect(heard[0]!.payload.colleagues).toMatchObject([{ id: self[0] }]);
});

test("whoever may read conversations, but not see the members, is told of no colleague's presence at the beginning", () => {
  const [ready] = limited.get("conversation.read")!.listener.heard;
  expect(ready!.payload.colleagues).toMatchObject([{ id: own.get("conversation.read")![0] }]);
});

test.each(blind)(
  "whoever holds %s alone is answered nothing of a conversation, whatever they send",
  async (permission) => {
    const self = own.get(permission)!;
    const { listener, token } = limited.get(permission)!;
    const { superuser } = app();
    const { held, offered, resolved, elsewhere, queued } = world;
    const ids = { agentId: idOf(world.colleague), departmentId: elsewhere };
    const told: string[] = [];
    for (const conversationId of [held, offered, resolved, queued])
      for (const [name, { payload }] of Object.entries(agentCommands as Commands)) {
        const values = { ...ids, conversationId, clientId: randomUUID(), accessToken: "none", body: "x" };
        const more = name === "message:send" ? { seenSeq: 0 } : {};
        const versioned = /^conversation:(?:assign|transfer|resolve|reopen)$/u.test(name) ? { expectedVersion: 0 } : {};
        const sent = { ...minimal(payload, values), ...more, ...versioned };
        const given = name === "conversation:transfer" ? { ...sent, departmentId: elsewhere } : sent;
        const answer = await listener.ask(name, given);
        const text = JSON.stringify(answer);
        told.push(...found(text, [...secrets.conversations, ...secrets.people], [...self, ...Object.values(values)]));
        if (answer.ok && "conversationId" in given) told.push(`${name} was carried out`);
      }
    expect(told).toEqual([]);

    const before = await superuser.query("SELECT count(*) FROM entries WHERE tenant_id = $1", [world.tenant.id]);
    const routes = those((spec) => !isForStaff(spec) && parametersOf(spec).includes("conversationId"));
    expect(routes.length).toBeGreaterThan(8);
    for (const [name, spec] of routes) {
      const path = spec.path.replace(":conversationId", held);
      const find = (id: string) => Promise.resolve((ids as Record<string, string>)[id] ?? ids.agentId);
      const body = spec.example?.body && (await withIds(spec.example.body, find));
      const answer = await request(app().url, spec.method, path, { token, body });
      expect([name, 403, 404]).toContain(answer.status);
      const sent = [held, ...Object.values(ids)];
      expect([name, ...found(JSON.stringify(answer.body), secrets.conversations, sent)]).toEqual([name]);
    }
    const after = await superuser.query("SELECT count(*) FROM entries WHERE tenant_id = $1", [world.tenant.id]);
    expect(after.rows).toEqual(before.rows);
  },
);

test("a contact hears of their own conversations what is public, and of the workspace nothing else", async () => {
  const text = heardBy(contact);
  expect(text).not.toContain('"internal"');
  expect(text).not.toContain("internalSeq");
  expect(
    found(
      text,
      ["a note", "another note", "difficult", "not ours", "lunch", "somebody else's"].map((b) => JSON.stringify(b)),
    ),
  ).toEqual([]);
  expect(text).not.toMatch(/"(?:departments|colleagues|permissions|offers|plan)":/u);
});

test("a contact hears nothing of another's conversations, and is answered nothing of them", async () => {
  expect(found(heardBy(stranger), secrets.conversations)).toEqual([]);
  for (const name of [
    "message:send",
    "conversation:open",
    "conversation:resolve",
    "message:delete",
    "receipt:record",
  ]) {
    const { payload } = (widgetCommands as Commands)[name]!;
    const answer = await stranger.ask(name, minimal(payload, { conversationId: world.held, clientId: randomUUID() }));
    expect(answer).toMatchObject({ ok: false, error: { code: "not_found" } });
    expect(found(JSON.stringify(answer), secrets.conversations)).toEqual([]);
  }
});

test("whoever may not see conversations is given none and offered none", async () => {
  const { agent } = world;
  const mute = await join(["message.send", "offer.answer", "availability.set"], "mute");
  for (const { agent: one } of [mute, ...limited.values()]) {
    const { conversation } = await ask(world.contact, "conversation:start", { clientId: randomUUID() });
    const assigning = ask(agent, "conversation:assign", { conversationId: conversation.id, agentId: one.id });
    expect(await codeOf(assigning)).toBe("conflict");
  }
  const { rows } = await app().superuser.query("SELECT FROM offers WHERE agent_id = $1", [mute.agent.id]);
  expect(rows).toEqual([]);
});
