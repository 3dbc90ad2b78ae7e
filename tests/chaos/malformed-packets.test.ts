import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands } from "../../server/contract/define.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { useCluster } from "../support/cluster.ts";
import type { Person } from "../support/people.ts";
import { runSeed } from "../support/random.ts";
import { openWidgetSession } from "../support/raw-session.ts";
import type { TestTenant } from "../support/tenant.ts";
import { CommandFailed } from "../support/virtual-client.ts";
import { encodeFrame, opcode } from "../support/websocket.ts";

const cluster = useCluster({ count: 1 });

/** Somebody well-behaved on the same node: whatever the others send, they are answered. */
const bystander = async () => {
  const tenant = await cluster().tenant();
  const contact = await cluster().contact(tenant);
  const { id } = await contact.start("hello");
  const pid = cluster().list[0]!.pid;
  let count = 0;
  return {
    tenant,
    isServed: async () => {
      const { ack } = await contact.send(id, `still here ${(count += 1)}`);
      return ack !== undefined && contact.readies === 1 && cluster().list[0]!.pid === pid;
    },
  };
};

const reserved = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "error"];
const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

const texts: Record<string, string[]> = {
  "bytes that are no packet": [
    "",
    "4",
    "42",
    "x",
    "9",
    "5",
    "6",
    "0{}",
    "4\u0000",
    "42/widget,",
    "4999999",
    "b",
    "bAAAA",
    "2probe",
  ],
  "broken JSON": [
    "42/widget,[",
    "42/widget,{}",
    '42/widget,"a"',
    "42/widget,[]",
    '42/widget,["a"',
    "42/widget,1[",
    "42/widget,nul",
  ],
  "events without a proper name": [
    "42/widget,[1]",
    "42/widget,[null,{}]",
    "42/widget,[{},{}]",
    '42/widget,["",{}]',
    "42/widget,[[]]",
  ],
  "reserved names": reserved.map((name) => `42/widget,["${name}",{}]`),
  "inherited names": inherited.flatMap((name) => [`42/widget,["${name}",{}]`, `42/widget,7["${name}",{}]`]),
  "a second handshake": [
    "40/widget,{}",
    '40/widget,{"inboxKey":"x"}',
    "40/widget,",
    "40/nowhere,{}",
    "40/agent,{}",
    "40",
  ],
  "answers to what was never asked": ["43/widget,99[{}]", "43/widget,-1[]", "43/widget,[]", "46/widget,0[]"],
  "attachments that never come": [
    '4511-/widget,["message:send",{"_placeholder":true,"num":0}]',
    '451-/widget,["message:send",{"_placeholder":true,"num":99}]',
    '45-1-/widget,["message:send",{}]',
    "45/widget,[]",
    '451-/widget,3["typing:set",{"_placeholder":true,"num":-1}]',
  ],
  "deep and wide JSON": [
    `42/widget,1["message:send",${"[".repeat(15_000)}${"]".repeat(15_000)}]`,
    `42/widget,2["message:send",${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}]`,
    `42/widget,3["message:send",${Array.from({ length: 20_000 }, () => "{}").join(",")}]`,
    '42/widget,4["message:send",{"__proto__":{"ok":true},"constructor":{"prototype":{"ok":true}}}]',
  ],
  "a goodbye, twice": ["41/widget,", "41/widget,", "41", "1"],
};

test.each(Object.entries(texts))("%s end no process and hurt nobody else", async (_title, packets) => {
  const other = await bystander();
  for (const packet of packets) {
    const session = await openWidgetSession(cluster().list[0]!, other.tenant);
    session.text(packet);
    expect(await other.isServed()).toBe(true);
    session.close();
  }
});

const frames: Record<string, Buffer[]> = {
  "an unmasked frame": [encodeFrame("42/widget,[]", { masked: false })],
  "reserved bits": [encodeFrame("42/widget,[]", { reserved: 7 })],
  "an unknown opcode": [encodeFrame("42", { code: 11 })],
  "text that is no UTF-8": [encodeFrame(Buffer.from([0x34, 0x32, 0xff, 0xfe, 0xc0]))],
  "a ping that is too long": [encodeFrame("p".repeat(200), { code: opcode.ping })],
  "a continuation of nothing": [encodeFrame("2", { code: opcode.continuation })],
  "fragments without an end": Array.from({ length: 50 }, (_, i) =>
    encodeFrame("x", { fin: false, code: i === 0 ? opcode.text : opcode.continuation }),
  ),
  "binary where text belongs": [encodeFrame(Buffer.from([4, 2, 0, 1]), { code: opcode.binary })],
  "a close with a forbidden code": [encodeFrame(Buffer.from([0x00, 0x01]), { code: opcode.close })],
  "bytes that are no frame": [Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.alloc(2_000, 0xff)],
};

test.each(Object.entries(frames))("%s ends at most its own connection", async (_title, bytes) => {
  const other = await bystander();
  const session = await openWidgetSession(cluster().list[0]!, other.tenant);
  for (const frame of bytes) session.raw(frame);
  expect(await other.isServed()).toBe(true);
  session.close();
});

test("a command without an ack callback is carried out", async () => {
  const tenant = await cluster().tenant();
  const session = await openWidgetSession(cluster().list[0]!, tenant);
  session.text('42/widget,["conversation:start",{"clientId":"no-ack"}]');
  // Commands of one socket run side by side: the list is asked for once the start has been told.
  await session.next((text) => text.startsWith('42/widget,["conversation:updated"'));
  session.text('42/widget,1["conversation:list",{}]');
  const answer = await session.next((text) => text.startsWith("43/widget,1"));
  session.close();
  expect(answer).toContain('"conversations":[{');
});

const counts = async () => {
  const { rows } = await cluster().superuser.query(
    "SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM conversations) AS conversations, (SELECT sum(version) FROM conversations) AS versions",
  );
  return rows[0];
};

const outcomeOf = (person: Person, command: string, payload: unknown): Promise<string> =>
  person.command(command, payload, 10_000).then(
    () => "ok",
    (error: unknown) => (error instanceof CommandFailed ? error.error.code : String(error)),
  );

const people = async (): Promise<{ tenant: TestTenant; sides: [string, Person, Commands][] }> => {
  const tenant = await cluster().tenant();
  return {
    tenant,
    sides: [
      ["widget", await cluster().contact(tenant), widgetCommands],
      ["agent", await cluster().agent(tenant), agentCommands],
    ],
  };
};

const id = "00000000-0000-4000-8000-000000000000";
const wrong: unknown[] = [
  null,
  7,
  "text",
  true,
  [],
  [{}],
  { conversationId: 7 },
  { conversationId: id, extra: "field" },
  { conversationId: `${id}\u0000` },
  { conversationId: id, clientId: "a", body: "NUL \u0000" },
  { conversationId: id, clientId: "a", body: "a lone \ud800 surrogate" },
  { conversationId: id, clientId: "\udfff", body: "hello" },
  { conversationId: id, clientId: "a", body: " \n\t " },
  { conversationId: id, clientId: "a", body: "x".repeat(10_001) },
  { conversationId: id, audience: "secret", seq: 1 },
  { conversationId: id, audience: "public", seq: 1.5 },
  { conversationId: id, audience: "public", beforeSeq: -1 },
  { conversationId: id, deliveredSeq: 1e300 },
  { cursors: Array.from({ length: 201 }, () => ({ conversationId: id, audience: "public", afterSeq: 0 })) },
  { cursors: [{ conversationId: id, audience: "public", afterSeq: "0" }] },
  { limit: 101 },
  { limit: "10" },
];

test("every command refuses a payload that breaks its contract, and nothing changes", { timeout: 60_000 }, async () => {
  const { sides } = await people();
  const before = await counts();
  const accepted: string[] = [];
  for (const [side, person, commands] of sides) {
    for (const [name, { payload: schema }] of Object.entries(commands)) {
      for (const payload of wrong.filter((one) => !v.is(schema, one))) {
        const outcome = await outcomeOf(person, name, payload);
        if (outcome !== "invalid_payload")
          accepted.push(`${side} ${name} ${JSON.stringify(payload).slice(0, 100)}: ${outcome}`);
      }
    }
  }
  expect(accepted).toEqual([]);
  expect(await counts()).toEqual(before);
});

test("what clients may not send is counted", async () => {
  const { sides } = await people();
  const refusals = async () => {
    const text = await (await fetch(`${cluster().url}/metrics`)).text();
    return Number(/^parley_violations_total\{kind="payload"\} (\d+)/mu.exec(text)?.[1] ?? 0);
  };
  const before = await refusals();
  for (const [, person] of sides) await outcomeOf(person, "message:send", { wrong: true });
  expect(await refusals()).toBe(before + 2);
});

test("a command that does not exist is refused as an invalid payload", async () => {
  const { sides } = await people();
  const accepted: string[] = [];
  for (const [side, person] of sides) {
    for (const name of ["conversation:destroy", "join", "subscribe", "message", "*", "a".repeat(5_000), ...inherited]) {
      const outcome = await outcomeOf(person, name, { conversationId: id });
      if (outcome !== "invalid_payload") accepted.push(`${side} ${name.slice(0, 30)}: ${outcome}`);
    }
  }
  expect(accepted).toEqual([]);
});

test("a command with two payloads, or none, is refused", async () => {
  const { sides } = await people();
  const accepted: string[] = [];
  for (const [side, person, commands] of sides) {
    for (const name of Object.keys(commands)) {
      const ack = await person.socket.timeout(10_000).emitWithAck(name, { a: 1 }, { b: 2 });
      if (ack?.error?.code !== "invalid_payload") accepted.push(`${side} ${name}: ${JSON.stringify(ack)}`);
    }
    const ack = await person.socket.timeout(10_000).emitWithAck("message:send");
    if (ack?.error?.code !== "invalid_payload") accepted.push(`${side}: ${JSON.stringify(ack)}`);
  }
  expect(accepted).toEqual([]);
});

test("whatever JSON a command carries, it is answered as its contract says", { timeout: 120_000 }, async () => {
  const seed = runSeed("random payloads");
  const { sides } = await people();
  const known = fc.oneof(fc.constant(id), fc.constantFrom("public", "internal"), fc.nat(10), fc.boolean(), fc.string());
  const field = fc.constantFrom(
    "conversationId",
    "clientId",
    "body",
    "audience",
    "seq",
    "limit",
    "cursors",
    "emoji",
    "typing",
  );
  const payload = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.dictionary(field, fc.oneof(known, fc.jsonValue({ maxDepth: 2 }))),
  );
  for (const [, person, commands] of sides) {
    for (const [name, { payload: schema }] of Object.entries(commands)) {
      await fc.assert(
        fc.asyncProperty(payload, async (some) => {
          const outcome = await outcomeOf(person, name, some);
          // The wire carries JSON: -0, for one, arrives as 0.
          const arrived: unknown = JSON.parse(JSON.stringify(some));
          const answered = ["ok", "not_found", "permission_denied", "conflict", "unauthenticated"];
          const isObject = typeof arrived === "object" && arrived !== null && !Array.isArray(arrived);
          expect(isObject && v.is(schema, arrived) ? answered : ["invalid_payload"]).toContain(outcome);
        }),
        { seed, numRuns: 30 },
      );
    }
  }
  expect(cluster().list[0]!.ended).toBeUndefined();
});
