import { describe, expect, test } from "vitest";
import type { Entry } from "../../server/contract/entities.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import { entriesOf } from "../../widget-sdk/core/view.ts";
import { bodies, online, shows, standIn, until, visitor } from "./people.ts";

const unavailable: ErrorBody = { code: "unavailable", message: "Not now", retryable: true };
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `message ${from + n}`);

describe("what a client missed", () => {
  test("is pulled by one sync, without a reconnect, when a head tells of it", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.deliver = () => false;
    for (const body of numbered(1, 5)) server.say(id, body);
    server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 5 });
    await shows(ada, id, numbered(1, 5));
    expect(server.count("conversation:sync")).toBe(1);
    expect(server.handshakes).toHaveLength(1);
  });

  test("is pulled when a later entry shows the gap, and nothing is shown across it", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    const seen: number[][] = [];
    ada.subscribe(() => seen.push(entriesOf(ada.getState(), id).map(({ seq }) => seq)));
    server.deliver = ({ seq }: Entry) => seq % 3 === 0;
    for (const body of numbered(1, 6)) server.say(id, body);
    await shows(ada, id, numbered(1, 6));
    for (const seqs of seen) expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test("is pulled for many conversations by one sync", async () => {
    const server = await standIn();
    const ids = Array.from({ length: 20 }, () => server.start("ada"));
    const ada = visitor(server, "ada");
    await online(ada);
    server.deliver = () => false;
    for (const id of ids) server.say(id, "missed");
    for (const id of ids) server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 1 });
    await until(ada, () => ids.every((id) => bodies(ada, id).length === 1));
    expect(server.count("conversation:sync")).toBe(1);
    expect(server.commands.find(({ name }) => name === "conversation:sync")?.payload.cursors).toHaveLength(20);
  });

  test("is pulled whole where an answer holds entries of one conversation only and leaves the others empty", async () => {
    const server = await standIn();
    const ids = Array.from({ length: 4 }, () => server.start("ada"));
    const ada = visitor(server, "ada");
    await online(ada);
    server.syncLimitInAll = 2;
    server.deliver = () => false;
    for (const id of ids) for (const body of numbered(1, 6)) server.say(id, body);
    for (const id of ids) server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 6 });
    await until(ada, () => ids.every((id) => bodies(ada, id).length === 6));
    for (const id of ids) expect(bodies(ada, id)).toEqual(numbered(1, 6));
    expect(server.count("conversation:sync")).toBe(12);
    // Nothing was given up and fetched afresh.
    expect(server.count("conversation:open")).toBe(0);
  });

  test("is pulled after the time a refusal asks for", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    const limited: ErrorBody = { ...unavailable, code: "rate_limited", details: { retryAfterMs: 1_500 } };
    let [refusedAt, askedAt] = [0, 0];
    server.interfere = (name) => {
      if (name !== "conversation:sync") return undefined;
      if (refusedAt > 0) return void (askedAt = performance.now());
      refusedAt = performance.now();
      return limited;
    };
    server.deliver = () => false;
    server.say(id, "missed");
    server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 1 });
    await shows(ada, id, ["missed"]);
    expect(askedAt - refusedAt).toBeGreaterThanOrEqual(1_400);
  });

  test("is pulled page after page until the head is reached", async () => {
    const server = await standIn();
    server.syncLimit = 10;
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.deliver = () => false;
    for (const body of numbered(1, 45)) server.say(id, body);
    server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 45 });
    await shows(ada, id, numbered(1, 45));
    expect(server.count("conversation:sync")).toBe(5);
  });

  test("is pulled again when the first sync is refused for the moment", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.interfere = (name) => (name === "conversation:sync" && server.count(name) < 3 ? unavailable : undefined);
    server.deliver = () => false;
    server.say(id, "missed");
    server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 1 });
    await shows(ada, id, ["missed"]);
    expect(server.count("conversation:sync")).toBe(3);
  });

  test("while it was away is pulled after a reconnect", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start();
    server.cut();
    for (const body of numbered(1, 3)) server.say(id, body);
    await shows(ada, id, numbered(1, 3));
    expect(server.handshakes).toHaveLength(2);
  });

  test("in a conversation the new session is not told of comes too, and live entries follow", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start({ body: "message 1" });
    server.told = [];
    server.cut();
    server.say(id, "message 2");
    await shows(ada, id, numbered(1, 2));
    server.say(id, "message 3");
    await shows(ada, id, numbered(1, 3));
    expect(server.count("conversation:open")).toBe(1);
  });

  test("over a very long absence is replaced by a fresh page, with the rest in its history", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start({ body: "message 1" });
    server.deliver = () => false;
    for (const body of numbered(2, 2500)) server.say(id, body);
    server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 2500 });
    await shows(ada, id, numbered(2451, 2500));
    expect(server.count("conversation:sync")).toBe(0);
    expect(await ada.history(id)).toBe(50);
    expect(bodies(ada, id)).toEqual(numbered(2401, 2500));
  });

  test("is fetched afresh when the server asks for a resync", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    const { id } = await ada.start({ body: "message 1" });
    await shows(ada, id, ["message 1"]);
    server.only.entries[0] = { ...server.only.entries[0]!, body: "restored" };
    server.deliver = () => false;
    server.say(id, "message 2");
    server.resync = true;
    server.emit("timeline:head", { conversationId: id, audience: "public", headSeq: 2 });
    await shows(ada, id, ["restored", "message 2"]);
    expect(server.count("conversation:open")).toBe(1);
  });

  test("between the snapshot and the subscription of an opened conversation is not lost", async () => {
    const server = await standIn();
    const id = server.start("ada");
    for (const body of numbered(1, 3)) server.say(id, body);
    const ada = visitor(server, "ada");
    await online(ada);
    server.interfere = (name) => {
      // Live entries overtake the answer that lacks them.
      if (name === "conversation:open") setImmediate(() => numbered(4, 6).map((body) => server.say(id, body)));
      return undefined;
    };
    await ada.open(id);
    await shows(ada, id, numbered(1, 6));
    expect(server.count("conversation:open")).toBe(1);
  });
});

describe("a session", () => {
  test("asks once for a fresh token when its own is refused, and comes back", async () => {
    const server = await standIn();
    const asked: boolean[] = [];
    const stale = { code: "unauthenticated", message: "The token has run out", retryable: false } as const;
    server.refuseHandshake = ({ visitorToken }) => (visitorToken === "stale" ? stale : undefined);
    const ada = visitor(server, "ada", {
      auth: ({ fresh }) => {
        asked.push(fresh);
        return { inboxKey: "demo", visitorToken: fresh ? "ada" : "stale" };
      },
    });
    await online(ada);
    expect(asked).toEqual([false, true]);
  });

  test("ends with the reason when the fresh token is refused as well", async () => {
    const server = await standIn();
    const refusal = { code: "unauthenticated", message: "Sign in again", retryable: false } as const;
    server.refuseHandshake = () => refusal;
    const ada = visitor(server, "ada");
    await until(ada, ({ session }) => session.status === "ended");
    expect(ada.getState().session.error).toEqual(refusal);
    expect(server.handshakes).toHaveLength(2);
    await expect(ada.request("conversation:list", {})).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("tries again after a refusal that may pass, and ends after one that may not", async () => {
    const server = await standIn();
    server.refuseHandshake = () => (server.handshakes.length < 3 ? unavailable : undefined);
    const ada = visitor(server, "ada", { random: () => 0 });
    await online(ada);
    expect(server.handshakes).toHaveLength(3);
    server.refuseHandshake = () => ({ code: "permission_denied", message: "Not from this site", retryable: false });
    server.cut();
    await until(ada, ({ session }) => session.status === "ended");
    expect(ada.getState().session.error?.message).toBe("Not from this site");
  });

  test("stays away when the server says so", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    await online(ada);
    server.emit("session:ended", { reason: "revoked", reconnect: false });
    await until(ada, ({ session }) => session.status === "ended");
    expect(ada.getState().session.endedReason).toBe("revoked");
    expect(ada.socket.active).toBe(false);
  });

  test("comes back by itself when the server moves it elsewhere", async () => {
    const server = await standIn();
    const ada = visitor(server, "ada");
    await online(ada);
    server.emit("session:ended", { reason: "drain", reconnect: true });
    server.cut();
    await until(ada, ({ session }) => session.status === "offline");
    await online(ada);
    expect(server.handshakes).toHaveLength(2);
  });

  test("comes back at once when it is asked to with other rights", async () => {
    const server = await standIn();
    // The slowest the ordinary way back can be: half a minute.
    const ada = visitor(server, "ada", { socket: { reconnectionDelay: 30_000, randomizationFactor: 0 } });
    await online(ada);
    server.emit("session:ended", { reason: "access_changed", reconnect: true });
    server.cut();
    await until(ada, ({ session }) => session.status === "offline");
    await online(ada);
    expect(server.handshakes).toHaveLength(2);
  });

  test("of somebody else shows nothing of the one before", async () => {
    const server = await standIn();
    let visitorToken = "ada";
    const client = visitor(server, "ada", { auth: () => ({ inboxKey: "demo", visitorToken }) });
    const { id } = await client.start({ body: "private" });
    await shows(client, id, ["private"]);
    visitorToken = "bob";
    server.cut();
    await until(client, ({ session }) => session.actor?.id === "bob");
    expect(client.getState().conversations).toEqual({});
    expect(client.getState().timelines).toEqual({});
  });

  test("answers a command that never got an answer with an error that says to try again", async () => {
    const server = await standIn();
    server.interfere = (name) => (name === "conversation:list" ? "silence" : undefined);
    const ada = visitor(server, "ada");
    const asked = ada.request("conversation:list", {}, { timeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await server.seen("conversation:list");
  });
});
