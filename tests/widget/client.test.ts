import { describe, expect, test } from "vitest";
import type { ErrorBody } from "../../server/contract/errors.ts";
import type { OutboxMessage } from "../../widget-sdk/core/client.ts";
import { deliveryOf, pendingOf, reachOf, typistsOf, entriesOf } from "../../widget-sdk/core/view.ts";
import { bodies, online, shows, standIn, until, visitor } from "./people.ts";
import { agent } from "./stand-in.ts";

const unavailable: ErrorBody = { code: "unavailable", message: "Not now", retryable: true };
const archived: ErrorBody = { code: "read_only", message: "It is archived", retryable: false };

/** Interferes with the first `times` commands of that name. */
const first = (name: string, times: number, how: ErrorBody | "silence") => {
  let left = times;
  return (command: string) => (command === name && left-- > 0 ? how : undefined);
};

describe("a message on its way", () => {
  test("is shown at once and stands in the timeline once acked", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start({ body: "hello" });
    const clientId = ada.send({ conversationId: id, body: "are you there?" });
    expect(pendingOf(ada.getState(), id)).toMatchObject([{ clientId, state: "sending" }]);
    await shows(ada, id, ["hello", "are you there?"]);
    expect(ada.getState().outbox).toEqual([]);
  });

  test("is sent again with the same client id when the ack is lost, and stands there once", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.deliver = () => false;
    server.interfere = (name) => {
      if (name !== "message:send") return undefined;
      server.interfere = () => undefined;
      setImmediate(() => server.cut());
      return "silence";
    };
    ada.send({ conversationId: id, body: "once" });
    await shows(ada, id, ["once"]);
    await server.seen("message:send", 2);
    await until(ada, ({ outbox }) => outbox.length === 0);
    expect(server.only.entries.map(({ body }) => body)).toEqual(["once"]);
    const sends = server.commands.filter(({ name }) => name === "message:send");
    expect(new Set(sends.map(({ payload }) => payload.clientId)).size).toBe(1);
  });

  test("keeps its place before later ones while it is refused for the moment", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada", { random: () => 0 });
    const { id } = await ada.start();
    server.interfere = first("message:send", 3, unavailable);
    for (const body of ["one", "two", "three"]) ada.send({ conversationId: id, body });
    await shows(ada, id, ["one", "two", "three"]);
    expect(server.count("message:send")).toBe(6);
  });

  test("fails with the reason when it is refused for good, and can be sent again or taken back", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.interfere = first("message:send", 2, archived);
    const refused = ada.send({ conversationId: id, body: "one" });
    const dropped = ada.send({ conversationId: id, body: "two" });
    await until(ada, ({ outbox }) => outbox.length === 2 && outbox.every(({ state }) => state === "failed"));
    expect(ada.getState().outbox[0]).toMatchObject({ clientId: refused, error: archived });
    ada.discard(dropped);
    ada.retry(refused);
    await shows(ada, id, ["one"]);
    expect(ada.getState().outbox).toEqual([]);
  });

  test("is refused before it leaves when it is longer than the wire allows", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    for (const body of ["x".repeat(10_001), "\u{1F600}".repeat(10_001), " ", "a\0b", "\ud800"]) {
      ada.send({ conversationId: id, body });
    }
    expect(ada.getState().outbox.map(({ state, error }) => `${state} ${error?.code}`)).toEqual([
      "failed payload_too_large",
      "failed payload_too_large",
      "failed invalid_payload",
      "failed invalid_payload",
      "failed invalid_payload",
    ]);
    ada.send({ conversationId: id, body: "\u{1F600}".repeat(10_000) });
    await until(ada, () => entriesOf(ada.getState(), id).length === 1);
    expect(server.count("message:send")).toBe(1);
  });

  test("written without a connection goes out when it is back", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.refuseHandshake = () => unavailable;
    server.cut();
    await until(ada, ({ session }) => session.status === "offline");
    ada.send({ conversationId: id, body: "one" });
    ada.send({ conversationId: id, body: "two" });
    server.refuseHandshake = () => undefined;
    await shows(ada, id, ["one", "two"]);
    expect(server.only.entries).toHaveLength(2);
  });

  test("outlives the page it was written on", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada", { reportDelivery: false });
    const { id } = await ada.start();
    let kept: OutboxMessage[] = [];
    const outbox = { load: () => kept, save: (messages: OutboxMessage[]) => void (kept = messages) };
    server.interfere = first("message:send", 99, "silence");
    const closed = visitor(server, "ada", { outbox });
    await closed.open(id);
    closed.send({ conversationId: id, body: "before I go" });
    await server.seen("message:send");
    closed.close();
    expect(kept).toHaveLength(1);
    server.interfere = () => undefined;
    const back = visitor(server, "ada", { outbox });
    await back.open(id);
    await until(back, ({ outbox: left }) => left.length === 0);
    await shows(back, id, ["before I go"]);
    expect(kept).toEqual([]);
  });

  test("is never sent in somebody else's name", async () => {
    const server = await standIn();
    const message: OutboxMessage = {
      kind: "start",
      clientId: "left",
      conversationId: "new:left",
      audience: "public",
      body: "by Ada",
      state: "sending",
      createdAt: new Date().toISOString(),
      actor: "contact:ada",
    };
    const bob = visitor(server, "bob", { outbox: { load: () => [message], save: () => {} } });
    await online(bob);
    expect(bob.getState().outbox).toEqual([]);
    await bob.start({ body: "by Bob" });
    expect(server.conversations.size).toBe(1);
  });
});

describe("a conversation that is started", () => {
  test("is started once, however often the answer is lost", async () => {
    const server = await standIn();
    server.interfere = (name) => {
      if (name !== "conversation:start" || server.count(name) > 2) return undefined;
      setImmediate(() => server.cut());
      return "silence";
    };
    const ada = visitor(server, "ada");
    const conversation = await ada.start({ body: "hello" });
    await shows(ada, conversation.id, ["hello"]);
    expect(server.conversations.size).toBe(1);
    expect(server.count("conversation:start")).toBe(3);
  });

  test("takes along what was written before it had a name", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const provisional = ada.begin({ body: "hello" });
    ada.send({ conversationId: provisional, body: "anybody?" });
    expect(pendingOf(ada.getState(), provisional).map(({ body }) => body)).toEqual(["hello", "anybody?"]);
    const id = await until(ada, ({ started }) => started[provisional]);
    await shows(ada, id, ["hello", "anybody?"]);
  });

  test("rejects with the server's refusal", async () => {
    const server = await standIn();
    server.interfere = first("conversation:start", 1, { ...archived, code: "limit_exceeded" });
    const ada = visitor(server, "ada");
    await expect(ada.start({ body: "hello" })).rejects.toMatchObject({ code: "limit_exceeded" });
  });
});

describe("signals between people", () => {
  test("two tabs of one visitor show the same, with the unread count and the receipts", async () => {
    const server = await standIn();
    const one = visitor(server, "ada");
    const two = visitor(server, "ada");
    await online(two);
    const { id } = await one.start({ body: "hello" });
    await two.open(id);
    one.send({ conversationId: id, body: "from one" });
    two.send({ conversationId: id, body: "from two" });
    server.say(id, "good morning");
    await Promise.all([one, two].map((tab) => until(tab, () => bodies(tab, id).length === 4)));
    expect(bodies(one, id)).toEqual(bodies(two, id));
    expect(one.getState().conversations[id]?.unread).toBe(1);
    expect(two.getState().conversations[id]?.unread).toBe(1);
    one.read(id);
    expect(one.getState().conversations[id]?.unread).toBe(0);
    await until(two, ({ conversations }) => conversations[id]?.unread === 0);
  });

  test("many messages at once make few receipts", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    for (let n = 1; n <= 50; n += 1) server.say(id, `message ${n}`);
    await until(ada, () => entriesOf(ada.getState(), id).length === 50);
    await server.until(() => server.only.receipts.get("ada")?.deliveredSeq === 50);
    expect(server.count("receipt:record")).toBeLessThanOrEqual(3);
    ada.read(id);
    await server.seen("receipt:record", server.count("receipt:record") + 1);
    expect(server.commands.at(-1)?.payload).toEqual({ conversationId: id, readSeq: 50 });
  });

  test("a message counts as delivered, then as read, when another participant says so", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start({ body: "hello" });
    const state = () => deliveryOf(entriesOf(ada.getState(), id)[0]!, reachOf(ada.getState(), id));
    await shows(ada, id, ["hello"]);
    expect(state()).toBe("sent");
    const receipt = { conversationId: id, audience: "public", actor: agent };
    server.emit("receipt:recorded", { ...receipt, deliveredSeq: 1, readSeq: 0 });
    await until(ada, () => state() === "delivered");
    server.emit("receipt:recorded", { ...receipt, deliveredSeq: 1, readSeq: 1 });
    await until(ada, () => state() === "read");
    server.emit("receipt:recorded", { ...receipt, deliveredSeq: 0, readSeq: 0 });
    server.say(id, "last");
    await shows(ada, id, ["hello", "last"]);
    expect(state()).toBe("read");
  });

  test("typing is over once the typist's message is there", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.emit("typing:changed", { conversationId: id, audience: "public", actor: agent, typing: true });
    await until(ada, (state) => typistsOf(state, id).length === 1);
    server.say(id, "here I am");
    await shows(ada, id, ["here I am"]);
    expect(typistsOf(ada.getState(), id)).toEqual([]);
  });
});
