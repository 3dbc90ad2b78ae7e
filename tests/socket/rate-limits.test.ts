import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createLimiter } from "../../server/limits.ts";
import { startApp, useApp } from "../support/app.ts";
import { identityToken } from "../support/people.ts";
import { sleep } from "../support/wait.ts";
import { anotherSocket, ask, codeOf, refused, say } from "./support/ask.ts";
import { hear } from "./support/hear.ts";
import { knock } from "./support/knock.ts";
import { begin } from "./support/scene.ts";

describe("a limit", () => {
  const withClock = (factor: number) => {
    let now = 0;
    const limiter = createLimiter(factor, () => now);
    return { limiter, pass: (ms: number) => (now += ms) };
  };

  test("lets a burst pass, then tells how long to wait, and keeps its word", () => {
    const { limiter, pass } = withClock(1);
    const buckets = limiter.bucketsOf("somebody");
    const burst = Array.from({ length: 60 }, () => limiter.take("message", buckets));
    expect(burst).toEqual(Array.from({ length: 60 }, () => 0));
    const wait = limiter.take("message", buckets);
    expect(wait).toBeGreaterThan(0);
    pass(wait - 1);
    expect(limiter.take("message", buckets)).toBeGreaterThan(0);
    pass(1);
    expect(limiter.take("message", buckets)).toBe(0);
  });

  test("lasts: over a minute no more passes than burst and rate allow", () => {
    const { limiter, pass } = withClock(1);
    const buckets = limiter.bucketsOf("somebody");
    let passed = 0;
    for (let ms = 0; ms < 60_000; ms += 10) {
      if (limiter.take("message", buckets) === 0) passed += 1;
      pass(10);
    }
    expect(passed).toBeGreaterThan(60 + 15 * 59);
    expect(passed).toBeLessThanOrEqual(60 + 15 * 60);
  });

  test("belongs to one person and one kind of command, and is multiplied by the factor", () => {
    const { limiter } = withClock(0.1);
    const [one, other] = [limiter.bucketsOf("one"), limiter.bucketsOf("other")];
    const taken = Array.from({ length: 7 }, () => limiter.take("message", one));
    expect(taken.map((wait) => wait > 0)).toEqual([false, false, false, false, false, false, true]);
    expect(limiter.take("read", one)).toBe(0);
    expect(limiter.take("message", other)).toBe(0);
    expect(limiter.bucketsOf("one")).toBe(one);
  });

  test("is kept for a person who is still there, however long", () => {
    const { limiter, pass } = withClock(0);
    const buckets = limiter.bucketsOf("somebody");
    expect(limiter.take("message", buckets)).toBeGreaterThan(0);
    pass(61_000);
    limiter.bucketsOf("another");
    expect(limiter.bucketsOf("somebody")).toBe(buckets);
    for (let i = 0; i < 5; i += 1) {
      pass(61_000);
      limiter.bucketsOf("another");
    }
    expect(limiter.bucketsOf("somebody")).toBe(buckets);
  });

  test("is shared by those at one address; whoever is over their own takes nothing from the others", () => {
    const { limiter } = withClock(0.1);
    const address = limiter.bucketsOf("address", "address");
    const greedy = limiter.bucketsOf("greedy");
    for (let i = 0; i < 500; i += 1) limiter.take("message", greedy, address);
    expect(limiter.leftOf("message", address)).toBe(100 - 6);
    const people = Array.from({ length: 40 }, (_, i) => limiter.bucketsOf(`person ${i}`));
    const passed = people.flatMap((own) => Array.from({ length: 6 }, () => limiter.take("message", own, address)));
    expect(passed.filter((wait) => wait === 0)).toHaveLength(100 - 6);
    // Nor does somebody pay for what their address had no room for.
    expect(limiter.leftOf("message", people.at(-1)!)).toBe(6);
  });
});

describe("on a node with a tenth of the limits", () => {
  const app = useApp({ RATE_LIMIT_FACTOR: "0.1" });

  test("messages beyond the burst are refused with the time to wait, and nothing of them is kept", async () => {
    const contact = await app().contact(await app().tenant());
    const { id } = await begin(contact);
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        say(contact, id, `number ${i}`).then(
          () => undefined,
          (error: unknown) => refused(Promise.reject(error)),
        ),
      ),
    );
    const limited = outcomes.filter((one) => one !== undefined);
    expect(limited.length).toBeGreaterThanOrEqual(5);
    for (const one of limited) {
      expect(one).toMatchObject({ code: "rate_limited", retryable: true });
      const { retryAfterMs } = one.details as { retryAfterMs: number };
      expect(Number.isInteger(retryAfterMs) && retryAfterMs > 0 && retryAfterMs <= 667).toBe(true);
    }
    const { conversation } = await ask(contact, "conversation:open", { conversationId: id });
    expect(conversation.publicSeq).toBe(1 + outcomes.length - limited.length);
    // The word is kept: after the time told there is room for one.
    const { retryAfterMs } = (await refused(say(contact, id, "now?"))).details as { retryAfterMs: number };
    await sleep(retryAfterMs + 5);
    await say(contact, id, "now!");
  });

  test("a person's sockets share their limits, and nobody else's", async () => {
    const tenant = await app().tenant();
    const [contact, other] = [await app().contact(tenant), await app().contact(tenant)];
    const tab = await anotherSocket(contact);
    const { id } = await begin(contact);
    await Promise.allSettled(Array.from({ length: 8 }, () => say(contact, id, "hello")));
    expect(await codeOf(say(tab, id, "hello again"))).toBe("rate_limited");
    await ask(tab, "conversation:list", {});
    const { id: theirs } = await begin(other);
    await say(other, theirs, "hello");
  });

  test("a resend of what is stored costs as much as a message", async () => {
    const contact = await app().contact(await app().tenant());
    const { id: conversationId } = await begin(contact);
    const payload = { conversationId, clientId: randomUUID(), body: "hello" };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        ask(contact, "message:send", payload).then(
          () => "ok",
          (error: unknown) => codeOf(Promise.reject(error)),
        ),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set(["ok", "rate_limited"]));
  });
});

test("an address that connects too often is told to wait, and may come again", async () => {
  const app = await startApp({ RATE_LIMIT_FACTOR: "0.02" });
  const tenant = await app.tenant();
  // Not new visitors, who have a smaller allowance of their own.
  const enter = (person: number) =>
    knock(app.url, {
      namespace: "/widget",
      auth: { inboxKey: tenant.inbox.key, identityToken: identityToken(tenant, `person ${person}`) },
      origin: tenant.inbox.origin,
    });
  const answers = await Promise.all(Array.from({ length: 14 }, (_, i) => enter(i)));
  const refusals = answers.flatMap(({ refusal }) => (refusal ? [refusal] : []));
  expect(refusals.length).toBeGreaterThanOrEqual(3);
  for (const refusal of refusals)
    expect(refusal).toMatchObject({
      code: "rate_limited",
      retryable: true,
      details: { retryAfterMs: expect.any(Number) },
    });
  await sleep((refusals.at(-1)!.details as { retryAfterMs: number }).retryAfterMs + 5);
  expect((await enter(0)).ready).toBeDefined();
});

test("a socket that sends nothing but what is refused is closed, and nobody else's", async () => {
  const app = await startApp({ RATE_LIMIT_FACTOR: "1" });
  const tenant = await app.tenant();
  const [flooder, other] = [await app.contact(tenant), await app.contact(tenant)];
  const ear = await hear(flooder);
  const bystander = await hear(other);
  for (let i = 0; i < 600; i += 1) flooder.socket.emit("no:such:command", { i });
  expect(await ear.next("session:ended")).toEqual({ reason: "flood", reconnect: true });
  expect((await bystander.calm()).of("session:ended")).toEqual([]);
  await begin(other);
});

test("a flooder is closed although some of what they send succeeds, and can't come straight back", async () => {
  const app = await startApp({ RATE_LIMIT_FACTOR: "1" });
  const tenant = await app.tenant();
  const [flooder, other] = [await app.contact(tenant), await app.contact(tenant)];
  const { id } = await begin(flooder);
  const { visitorToken } = flooder.ready as { visitorToken: string };
  const ear = await hear(flooder);
  for (let i = 0; i < 600; i += 1) {
    if (i % 50 === 0) await say(flooder, id, `in between ${i}`).catch(() => {});
    flooder.socket.emit("no:such:command", { i });
  }
  expect(await ear.next("session:ended")).toEqual({ reason: "flood", reconnect: true });
  const again = await knock(app.url, {
    namespace: "/widget",
    auth: { inboxKey: tenant.inbox.key, visitorToken },
    origin: tenant.inbox.origin,
  });
  expect(again.refusal).toMatchObject({ code: "rate_limited", details: { retryAfterMs: expect.any(Number) } });
  // Whoever else is at the same address is not meant.
  await begin(other);
  expect((await app.contact(tenant)).ready).toBeDefined();
});
