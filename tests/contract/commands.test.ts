import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Ack, Commands } from "../../server/contract/define.ts";
import { limits } from "../../server/contract/entities.ts";
import { ErrorBody, errorCodes } from "../../server/contract/errors.ts";
import { builtInRoles, roles } from "../../server/contract/permissions.ts";
import type { Role } from "../../server/contract/permissions.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { useCluster } from "../support/cluster.ts";
import type { Person } from "../support/people.ts";
import { addAgent, openSession } from "../support/tenant.ts";
import type { TestAgent, TestTenant } from "../support/tenant.ts";
import { eventually } from "../support/wait.ts";
import { encodeFrame, opcode } from "../support/websocket.ts";
import { ask, say } from "../socket/support/ask.ts";
import { breachOf } from "../socket/support/exact.ts";
import { malformed, noCommands, noEvents } from "../socket/support/packets.ts";
import { RawSession } from "../socket/support/raw.ts";
import type { Namespace } from "../socket/support/raw.ts";
import { fieldsOf, isId, minimal, objectsOf, without, withValue, wrongValues } from "../socket/support/samples.ts";
import { begin } from "../socket/support/scene.ts";
import { changesSince, snapshot } from "../socket/support/tables.ts";
import { addDepartment } from "../socket/support/world.ts";

// One node for the whole file: whatever is sent to it here, it must answer the last test as it answered the first.
const cluster = useCluster({ count: 1 });
const node = () => cluster().list[0]!;

const sides: [Namespace, Commands][] = [
  ["/widget", widgetCommands],
  ["/agent", agentCommands],
];
const commands = sides.flatMap(([namespace, table]) =>
  Object.entries(table).map(([name, spec]) => [namespace, name, spec] as const),
);

type Ids = { conversationId: string; agentId: string; departmentId: string };
type Room = Ids & { tenant: TestTenant; contact: Person; agent: Person; offering: string };

let mine: Room;
let theirs: Room;
let pid: number | undefined;
const sessions: RawSession[] = [];

/** A tenant with somebody on either side of a conversation, who stay connected to the end of the file. */
const settle = async (): Promise<Room> => {
  const tenant = await cluster().tenant({ roles: ["tenant_admin", "agent"] });
  const [contact, agent] = [await cluster().contact(tenant), await cluster().agent(tenant)];
  const { id: conversationId } = await begin(contact, "a secret");
  await say(agent, conversationId, "a secret answer");
  await say(agent, conversationId, "a secret note", { audience: "internal" });
  const agentId = tenant.agents[0]!.id;
  const offering = await addDepartment(cluster().superuser, tenant, { offerSeconds: 3_600, members: [agentId] });
  return { tenant, contact, agent, conversationId, agentId, departmentId: tenant.departmentId, offering };
};

/** A new conversation; for commands that answer offers, one that is offered to the agent. */
const beginFor = async (name: string): Promise<string> => {
  if (!name.startsWith("offer:")) return (await begin(mine.contact, "hello")).id;
  const offered = mine.agent.next<{ conversation: { id: string } }>("conversation:offered");
  await ask(mine.contact, "conversation:start", { clientId: randomUUID(), departmentId: mine.offering });
  return (await offered).conversation.id;
};

/** The shortest payload a command carries out: some ask for one of several fields. */
const shortest = (name: string, payload: v.GenericSchema, values: Record<string, unknown>) => ({
  ...minimal(payload, values),
  ...(name === "conversation:transfer" && { departmentId: values["departmentId"] }),
});

const tokens = new Map<string, Promise<string>>();
/** One token per agent for the whole file: to sign one is a row more. */
const tokenOf = (agent: TestAgent = mine.tenant.agents[0]!): Promise<string> => {
  const token = tokens.get(agent.id) ?? openSession(cluster().superuser, mine.tenant, agent);
  tokens.set(agent.id, token);
  return token;
};

/** A raw session of the contact, or of an agent who may do everything unless another is named. */
const open = async (namespace: Namespace, agent?: TestAgent): Promise<RawSession> => {
  const { tenant, contact } = mine;
  const session =
    namespace === "/widget"
      ? await RawSession.open(
          node().url,
          namespace,
          { inboxKey: tenant.inbox.key, visitorToken: contact.visitorToken },
          tenant.inbox.origin,
        )
      : await RawSession.open(node().url, namespace, { accessToken: await tokenOf(agent) });
  sessions.push(session);
  return session;
};

/** Values for the fields of a payload that would be accepted: ids of one's own tenant, a token of one's own login. */
const known = async (ids: Partial<Ids> = {}) => ({
  conversationId: mine.conversationId,
  agentId: mine.agentId,
  departmentId: mine.departmentId,
  clientId: randomUUID(),
  accessToken: await tokenOf(),
  ...ids,
});

const codeOf = (answer: Ack<unknown>): string => {
  if (answer.ok) return "ok";
  const breach = breachOf(ErrorBody, answer.error);
  if (breach) return `broken: ${breach}`;
  const { code, retryable, message } = answer.error;
  return retryable === errorCodes[code].retryable && message !== "" ? code : `broken: ${JSON.stringify(answer.error)}`;
};

const short = (value: unknown) => (JSON.stringify(value) ?? "nothing").slice(0, 80);

/** Runs `attempts`, and has every table stay as it is. */
const changingNothing = async (attempts: () => Promise<void>) => {
  const before = await snapshot(cluster().superuser);
  await attempts();
  expect(await changesSince(cluster().superuser, before)).toEqual([]);
};

beforeAll(async () => {
  [mine, theirs] = [await settle(), await settle()];
  pid = node().pid;
});

describe.each(commands)("on %s %s", (namespace, name, spec) => {
  test("each field wrong in turn, missing or unknown is refused", async () => {
    const session = await open(namespace);
    const values = await known();
    const valid = shortest(name, spec.payload, values);
    expect(v.is(spec.payload, valid)).toBe(true);
    const payloads: unknown[] = [null, true, 7, "text", [valid], [[]]];
    for (const path of objectsOf(spec.payload)) {
      for (const field of ["surprise", "__proto__", "constructor", "tenantId"]) {
        const object = Object.fromEntries([[field, { ok: true }]]);
        const held = path.reduce<any>((at, key) => at?.[key], valid) ?? {};
        payloads.push(withValue(spec.payload, valid, path, { ...held, ...object }, values));
      }
    }
    for (const { path, schema, mayMiss } of fieldsOf(spec.payload)) {
      const wrong = wrongValues.filter((value) => !v.is(schema, value));
      expect(wrong.length).toBeGreaterThan(10);
      for (const value of wrong) payloads.push(withValue(spec.payload, valid, path, value, values));
      if (!mayMiss) payloads.push(without(withValue(spec.payload, valid, path, null, values), path));
    }
    const taken: string[] = [];
    await changingNothing(async () => {
      for (const payload of payloads) {
        const code = codeOf(await session.ask(name, payload));
        if (code !== "invalid_payload") taken.push(`${short(payload)}: ${code}`);
      }
    });
    expect(taken).toEqual([]);
    expect(codeOf(await session.ask("conversation:list", {}))).toBe("ok");
  });

  test("a missing payload, a list, bytes and more than one argument are refused", async () => {
    const session = await open(namespace);
    const values = await known();
    const valid = shortest(name, spec.payload, values);
    const taken: string[] = [];
    await changingNothing(async () => {
      for (const args of [[], [[]], [valid, {}], [valid, null], [{}, valid], [valid, valid, valid]]) {
        const code = codeOf(await session.ask(name, ...args));
        if (code !== "invalid_payload") taken.push(`${short(args)}: ${code}`);
      }
      const bytes = { _placeholder: true, num: 0 };
      const binary = [
        bytes,
        ...fieldsOf(spec.payload).map(({ path }) => withValue(spec.payload, valid, path, bytes, values)),
      ];
      for (const payload of binary) {
        for (const content of [Buffer.alloc(0), Buffer.from("hello")]) {
          const id = session.nextId();
          session.socket.text(`451-${session.packet(name, [payload], id).slice(2)}`);
          session.socket.raw(encodeFrame(content, { code: opcode.binary }));
          const code = codeOf(await session.answer(id));
          if (code !== "invalid_payload") taken.push(`${content.length} bytes at ${short(payload)}: ${code}`);
        }
      }
    });
    expect(taken).toEqual([]);
  });

  test("without a callback it is carried out all the same", async () => {
    const session = await open(namespace);
    const conversationId = await beginFor(name);
    await session.ask("conversation:open", { conversationId });
    const done = async () => {
      const text = await (await fetch(`${node().url}/metrics`)).text();
      const line = text
        .split("\n")
        .find((one) => one.startsWith(`parley_commands_total{command="${name}",outcome="ok"}`));
      return Number(line?.split(" ")[1] ?? 0);
    };
    const before = await done();
    session.tell(name, shortest(name, spec.payload, await known({ conversationId })));
    await eventually(async () => (await done()) > before, `${name} is carried out`);
    // And without a callback a refusal is silent.
    session.tell(name, 7);
    session.tell(name);
    expect(codeOf(await session.ask("conversation:list", {}))).toBe("ok");
    // What was declined would be offered again a little later, while another test has the tables stay as they are.
    if (name.startsWith("offer:")) await ask(mine.contact, "conversation:resolve", { conversationId });
  });

  test("another tenant's ids and made-up ones are not found, wherever they stand", async () => {
    const session = await open(namespace);
    const values = await known();
    const valid = shortest(name, spec.payload, values);
    const answers: string[] = [];
    await changingNothing(async () => {
      for (const { path, schema } of fieldsOf(spec.payload).filter((field) => isId(field.schema))) {
        const kind = path.at(-1) as keyof Ids;
        if (!(kind in theirs)) throw new Error(`No id of another tenant is known here for ${kind}: add one`);
        expect(v.is(schema, theirs[kind])).toBe(true);
        const asked = [theirs[kind], randomUUID()].map(async (id) => {
          const answer = await session.ask(name, withValue(spec.payload, valid, path, id, values));
          return { code: codeOf(answer), text: JSON.stringify(answer).replaceAll(id, "<id>") };
        });
        const [foreign, unknown] = await Promise.all(asked);
        // A filter that fits nothing finds nothing.
        const silent = name === "conversation:list" ? /"conversations":\[\]/u : /"not_found"/u;
        if (foreign!.text !== unknown!.text || !silent.test(foreign!.text)) answers.push(`${kind}: ${foreign!.text}`);
        if (foreign!.text.includes("secret")) answers.push(`${kind} leaks`);
      }
    });
    expect(answers).toEqual([]);
  });
});

const allowed = (role: Role, permission: string | null) =>
  permission === null || (builtInRoles[role] as string[]).includes(permission);

test.each(roles)("the role %s may do what its permissions say and nothing else", async (role) => {
  const agent = await addAgent(cluster().superuser, mine.tenant, role);
  const session = await open("/agent", agent);
  const wrong: string[] = [];
  await changingNothing(async () => {
    for (const [name, { payload, permission }] of Object.entries(agentCommands as Commands)) {
      const ids = { conversationId: randomUUID(), agentId: randomUUID(), departmentId: randomUUID() };
      const valid = shortest(name, payload, await known(ids));
      // What belongs to nobody: whoever may ask is told that it is not there.
      for (const one of allowed(role, permission) ? [] : [valid, {}, null]) {
        const code = codeOf(await session.ask(name, one));
        if (code !== "permission_denied") wrong.push(`${name} ${short(one)}: ${code}`);
      }
    }
  });
  for (const [name, { payload, permission }] of Object.entries(agentCommands as Commands)) {
    if (!allowed(role, permission)) continue;
    const ids = { conversationId: randomUUID(), agentId: randomUUID(), departmentId: randomUUID() };
    const code = codeOf(await session.ask(name, shortest(name, payload, await known(ids))));
    if (code === "permission_denied") wrong.push(`${name}: ${code}`);
  }
  expect(wrong).toEqual([]);
});

test("an agent who belongs to no department of a conversation is told that it is not there", async () => {
  const session = await open(
    "/agent",
    await addAgent(cluster().superuser, mine.tenant, "agent", { inDepartment: false }),
  );
  const found: string[] = [];
  await changingNothing(async () => {
    for (const [name, { payload }] of Object.entries(agentCommands as Commands)) {
      if (!fieldsOf(payload).some(({ path }) => path.at(-1) === "conversationId")) continue;
      const code = codeOf(await session.ask(name, shortest(name, payload, await known())));
      if (code !== "not_found") found.push(`${name}: ${code}`);
    }
  });
  expect(found).toEqual([]);
});

test("another contact of the same tenant is told that it is not there", async () => {
  const { inbox } = mine.tenant;
  const session = await RawSession.open(node().url, "/widget", { inboxKey: inbox.key }, inbox.origin);
  sessions.push(session);
  const found: string[] = [];
  await changingNothing(async () => {
    for (const [name, { payload }] of Object.entries(widgetCommands as Commands)) {
      if (!fieldsOf(payload).some(({ path }) => path.at(-1) === "conversationId")) continue;
      const code = codeOf(await session.ask(name, shortest(name, payload, await known())));
      if (code !== "not_found") found.push(`${name}: ${code}`);
    }
  });
  expect(found).toEqual([]);
});

test.each(sides)("on %s what is no command is refused, or ends at its own connection", async (namespace, table) => {
  const other = sides.find(([one]) => one !== namespace)![1];
  const elsewhere = Object.keys(other).filter((name) => !(name in table));
  const taken: string[] = [];
  await changingNothing(async () => {
    const session = await open(namespace);
    for (const name of [...noCommands, ...elsewhere]) {
      const code = codeOf(await session.ask(name, { conversationId: mine.conversationId }));
      if (code !== "invalid_payload") taken.push(`${short(name)}: ${code}`);
    }
    for (const name of noEvents) {
      const one = await open(namespace);
      const outcome = await one.ask(name, {}).then(codeOf, () => "closed");
      if (outcome !== "invalid_payload" && outcome !== "closed") taken.push(`${short(name)}: ${outcome}`);
      one.socket.close();
    }
  });
  expect(taken).toEqual([]);
});

test.each(sides)(
  "on %s malformed packets and a second handshake end at most their own connection",
  async (namespace) => {
    const neighbour = await open(namespace);
    await changingNothing(async () => {
      for (const text of malformed(namespace)) {
        const session = await open(namespace);
        session.socket.text(text);
        session.tell("no:such:command");
        expect(codeOf(await neighbour.ask("conversation:list", { limit: 1 }))).toBe("ok");
        session.socket.close();
      }
    });
  },
);

test.each(sides)("on %s a frame of 70 KB closes its own connection and no other", async (namespace) => {
  const [session, neighbour] = [await open(namespace), await open(namespace)];
  session.tell("message:send", { body: "x".repeat(70_000) });
  await session.socket.closed;
  expect(session.socket.closeCode).toBe(1009);
  expect(codeOf(await neighbour.ask("conversation:list", {}))).toBe("ok");
  // One that just fits is read, and refused for what it says.
  const name = "message:send";
  const id = neighbour.nextId();
  const packet = neighbour.packet(name, [{ body: "" }], id);
  const body = "x".repeat(limits.frameBytes - packet.length);
  neighbour.socket.text(neighbour.packet(name, [{ body }], id));
  expect(codeOf(await neighbour.answer(id))).toBe("invalid_payload");
});

test("the node that was sent all this is the one that began, answered everything once, and knows no failure of its own", async () => {
  expect(node().pid).toBe(pid);
  expect(node().ended).toBeUndefined();
  expect((await fetch(`${node().url}/health/ready`)).status).toBe(200);
  for (const { contact, agent, conversationId } of [mine, theirs]) {
    // The sockets of the beginning are still theirs.
    expect([contact.readies, agent.readies]).toEqual([1, 1]);
    const { entry } = await ask(contact, "message:send", {
      conversationId,
      clientId: randomUUID(),
      body: "still here",
    });
    expect((await ask(agent, "conversation:open", { conversationId })).entries).toContainEqual(entry);
  }
  const answers = sessions.flatMap(({ answers: counted }) => [...counted.values()]);
  expect(answers.length).toBeGreaterThan(1_000);
  expect(answers.filter((count) => count !== 1)).toEqual([]);
  for (const { socket } of sessions) socket.close();
  const metrics = (await (await fetch(`${node().url}/metrics`)).text()).split("\n");
  expect(metrics.filter((line) => /^parley_(commands|handshakes)_total.*"internal"/u.test(line))).toEqual([]);
});
