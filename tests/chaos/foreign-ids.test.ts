import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { routes } from "../../server/contract/admin.ts";
import { agentCommands } from "../../server/contract/agent.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { useCluster } from "../support/cluster.ts";
import { contactAt, logIn, rest } from "../support/people.ts";
import type { Person } from "../support/people.ts";
import { CommandFailed } from "../support/virtual-client.ts";

const cluster = useCluster({ count: 1 });

const noIds = {};

/** What stands in another tenant: its ids are what somebody might guess, read over a shoulder, or keep from an old job. */
type Foreign = { conversationId: string; agentId: string; departmentId: string };

const settle = async () => {
  const [mine, theirs] = [await cluster().tenant({ roles: ["tenant_admin", "agent"] }), await cluster().tenant()];
  const victim = await cluster().contact(theirs);
  const victimAgent = await cluster().agent(theirs);
  const { id: conversationId } = await victim.start("a secret");
  await victimAgent.open(conversationId);
  await victimAgent.send(conversationId, "a secret answer");
  await victimAgent.send(conversationId, "a secret note", { audience: "internal" });
  const foreign: Foreign = { conversationId, agentId: theirs.agents[0]!.id, departmentId: theirs.departmentId };
  const unknown: Foreign = { conversationId: randomUUID(), agentId: randomUUID(), departmentId: randomUUID() };
  return { mine, theirs, victim, victimAgent, foreign, unknown };
};

/** Payloads that name somebody else's things, for every command that names anything; null where nothing is named. */
const naming = (
  ids: Foreign,
  own: string,
): Record<keyof typeof agentCommands | keyof typeof widgetCommands, object[] | null> => {
  const { conversationId, agentId, departmentId } = ids;
  const clientId = "guess";
  return {
    "conversation:open": [{ conversationId }],
    "conversation:sync": [{ cursors: [{ conversationId, audience: "public", afterSeq: 0 }] }],
    "conversation:history": [
      { conversationId, audience: "public", beforeSeq: 100 },
      { conversationId, audience: "internal", beforeSeq: 100 },
    ],
    "receipt:record": [{ conversationId, readSeq: 1 }],
    "typing:set": [{ conversationId, typing: true }],
    "message:send": [{ conversationId, clientId, body: "let me in" }],
    "message:edit": [{ conversationId, seq: 1, body: "changed" }],
    "message:delete": [{ conversationId, seq: 1 }],
    "message:react": [{ conversationId, seq: 1, emoji: "👍" }],
    "conversation:assign": [
      { conversationId },
      { conversationId: own, agentId },
      { conversationId: own, departmentId },
    ],
    "conversation:transfer": [
      { conversationId, departmentId },
      { conversationId: own, agentId },
      { conversationId: own, departmentId },
    ],
    "offer:accept": [{ conversationId }],
    "offer:decline": [{ conversationId }],
    "conversation:resolve": [{ conversationId }],
    "conversation:reopen": [{ conversationId }],
    "conversation:start": [{ clientId: `${clientId}-${departmentId}`, departmentId }],
    "conversation:list": [{ departmentId }],
    "availability:set": null,
    "presence:set": null,
    "session:renew": null,
  };
};

/** The ack as a guesser sees it, ids aside: what differs between "not yours" and "not there" tells them something. */
const answerTo = async (person: Person, command: string, payload: object, ids: Partial<Foreign>): Promise<string> => {
  const said = await person
    .command(command, payload)
    .catch((error: unknown) => (error instanceof CommandFailed ? error.error : Promise.reject(error)));
  return Object.values(ids).reduce<string>((text, id) => text.replaceAll(id, "<id>"), JSON.stringify(said));
};

test("another tenant's id is answered on sockets exactly as one that does not exist, and changes nothing", async () => {
  const { mine, foreign, unknown, victim } = await settle();
  const contact = await cluster().contact(mine);
  const admin = await cluster().agent(mine);
  const { id: own } = await contact.start("mine");
  await admin.open(own);
  const before = await cluster().superuser.query("SELECT * FROM entries WHERE conversation_id = $1 ORDER BY id", [
    foreign.conversationId,
  ]);
  const sides: [Person, string[]][] = [
    [contact, Object.keys(widgetCommands)],
    [admin, Object.keys(agentCommands)],
  ];
  const leaks: string[] = [];
  for (const [person, commands] of sides) {
    for (const command of commands) {
      const name = command as keyof ReturnType<typeof naming>;
      const [theirs, nobodys] = [naming(foreign, own)[name], naming(unknown, own)[name]];
      for (const [i, payload] of (theirs ?? []).entries()) {
        const answer = await answerTo(person, command, payload, foreign);
        const toNobodys = await answerTo(person, command, nobodys![i]!, unknown);
        const silent = command === "conversation:list" || command === "conversation:sync";
        if (answer !== toNobodys || answer.includes("secret") || !(silent || answer.includes('"not_found"'))) {
          leaks.push(`${command}: ${answer}, for what does not exist: ${toNobodys}`);
        }
      }
    }
  }
  expect(leaks).toEqual([]);
  const after = await cluster().superuser.query("SELECT * FROM entries WHERE conversation_id = $1 ORDER BY id", [
    foreign.conversationId,
  ]);
  expect(after.rows).toEqual(before.rows);
  await victim.send(foreign.conversationId, "nobody heard this");
  expect(await cluster().verdict()).toContain("Nothing was lost");
});

test("another contact's conversation of the same tenant is not found either", async () => {
  const tenant = await cluster().tenant();
  const [one, other] = [await cluster().contact(tenant), await cluster().contact(tenant)];
  const { id: conversationId } = await one.start("between us");
  const ids = { conversationId, agentId: tenant.agents[0]!.id, departmentId: tenant.departmentId };
  const answered: string[] = [];
  for (const command of Object.keys(widgetCommands)) {
    if (["conversation:start", "conversation:list", "conversation:sync"].includes(command)) continue;
    for (const payload of naming(ids, conversationId)[command as keyof typeof widgetCommands] ?? []) {
      const answer = await answerTo(other, command, payload, ids);
      if (!answer.includes('"not_found"')) answered.push(`${command}: ${answer}`);
    }
  }
  expect(answered).toEqual([]);
  const { conversations } = await other.command("conversation:list", {});
  expect(conversations).toEqual([]);
});

test("a contact gets nothing internal by asking for it", async () => {
  const tenant = await cluster().tenant();
  const contact = await cluster().contact(tenant);
  const agent = await cluster().agent(tenant);
  const { id: conversationId } = await contact.start("hello");
  await agent.open(conversationId);
  await agent.send(conversationId, "an internal secret", { audience: "internal" });
  const asked: [string, object][] = [
    ["conversation:open", { conversationId }],
    ["conversation:history", { conversationId, audience: "internal", beforeSeq: 100 }],
    ["conversation:sync", { cursors: [{ conversationId, audience: "internal", afterSeq: 0 }] }],
    ["conversation:list", {}],
    ["message:react", { conversationId, audience: "internal", seq: 1, emoji: "👍" }],
    ["message:edit", { conversationId, audience: "internal", seq: 1, body: "x" }],
    ["receipt:record", { conversationId, audience: "internal", readSeq: 1 }],
    ["typing:set", { conversationId, audience: "internal", typing: true }],
  ];
  const leaks: string[] = [];
  for (const [command, payload] of asked) {
    const answer = await answerTo(contact, command, payload, noIds);
    if (/internal secret|internalSeq/u.test(answer)) leaks.push(`${command}: ${answer}`);
  }
  expect(leaks).toEqual([]);
  expect(await cluster().verdict()).toContain("Nothing was lost");
});

test("another tenant's id is answered over REST exactly as one that does not exist", async () => {
  const { mine, foreign, unknown } = await settle();
  const { accessToken: token } = await logIn(cluster().url, mine.agents[0]!, mine);
  const bodies: Partial<Record<keyof typeof routes, object>> = {
    "message/send": { clientId: "guess", body: "let me in" },
    "conversation/transfer": { departmentId: mine.departmentId },
  };
  const leaks: unknown[] = [];
  for (const [name, { method, path, auth }] of Object.entries(routes)) {
    if (auth !== "agent" || !path.includes(":conversationId")) continue;
    const body = method === "GET" ? undefined : (bodies[name as keyof typeof routes] ?? {});
    const ask = (id: string) =>
      rest(cluster().url, method, path.replace(":conversationId", id), {
        token,
        body,
        ...(method !== "GET" && { headers: { "idempotency-key": randomUUID() } }),
      });
    const [theirs, nobodys] = [await ask(foreign.conversationId), await ask(unknown.conversationId)];
    const same = JSON.stringify(theirs.body) === JSON.stringify(nobodys.body);
    if (theirs.status !== 404 || nobodys.status !== 404 || !same) leaks.push([name, theirs, nobodys]);
  }
  expect(leaks).toEqual([]);
});

test("a token of one tenant with the name of another is refused over REST", async () => {
  const { mine, theirs } = await settle();
  const { accessToken: token } = await logIn(cluster().url, mine.agents[0]!, mine);
  const answer = await rest(cluster().url, "GET", "/me", { token, headers: { "x-tenant-id": theirs.id } });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect((await rest(cluster().url, "GET", "/me", { token, headers: { "x-tenant-id": mine.id } })).status).toBe(200);
});

test("a visitor token of one tenant opens no conversation of another", async () => {
  const [mine, theirs] = [await cluster().tenant(), await cluster().tenant()];
  const victim = await cluster().contact(theirs);
  await victim.start("a secret");
  const thief = contactAt(cluster().url, mine, { visitorToken: victim.visitorToken! });
  const outcome = await thief.connect().then(
    () => thief.command("conversation:list", {}),
    (error: unknown) => (error instanceof CommandFailed ? error.error.code : error),
  );
  thief.close();
  // Refused, or taken for a stranger: both are right, as long as nothing of the victim shows.
  expect([JSON.stringify({ conversations: [], nextCursor: null }), '"unauthenticated"']).toContain(
    JSON.stringify(outcome),
  );
  expect(thief.recording.actor.id).not.toBe(victim.recording.actor.id);
});
