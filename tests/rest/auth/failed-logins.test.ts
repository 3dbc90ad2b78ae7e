import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startApp } from "../../support/app.ts";
import type { TestApp } from "../../support/app.ts";
import { addAgent, password } from "../../support/tenant.ts";
import { ask, logInRaw, refusalOf } from "../requests.ts";
import { resetTokenFor, signUpOf } from "./people.ts";

/** Addresses of the block that is set aside for documents; each test takes its own, since they share one Redis. */
let block = 0;
const newBlock = () => {
  block += 1;
  return (host: number) => `203.0.${block}.${host}`;
};

const startLimited = () => startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });

const attempt = async (
  { url }: TestApp,
  email: string,
  from: string,
  options: { wrong?: boolean } = {},
): Promise<number> => (await logInRaw(url, email, { ...options, headers: { "X-Forwarded-For": from } })).status;

const fail = async (app: TestApp, email: string, from: string, times: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (let i = 0; i < times; i += 1) statuses.push(await attempt(app, email, from, { wrong: true }));
  return statuses;
};

describe("after ten failures of one person from one address", () => {
  test("even the right password has to wait there, but not elsewhere", async () => {
    const app = await startLimited();
    const address = newBlock();
    const { email } = (await app.tenant()).agents[0]!;
    expect(await fail(app, email, address(1), 11)).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const held = await logInRaw(app.url, email, { headers: { "X-Forwarded-For": address(1) } });
    expect(held.status).toBe(429);
    expect(held.body.error).toMatchObject({ code: "rate_limited", retryable: true });
    const wait = Number(held.headers["retry-after"]);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(15 * 60);
    expect(await attempt(app, email, address(2))).toBe(200);
  });

  test("a colleague at the same address still gets in", async () => {
    const app = await startLimited();
    const address = newBlock();
    const tenant = await app.tenant();
    const colleague = await addAgent(app.superuser, tenant);
    await fail(app, tenant.agents[0]!.email, address(1), 11);
    expect(await attempt(app, colleague.email, address(1))).toBe(200);
  });
});

describe("guesses at one person from many addresses", () => {
  test("are slowed all together, and keep the person out neither where they have signed in before nor where they hold a session", async () => {
    const app = await startLimited();
    const address = newBlock();
    const { email } = (await app.tenant()).agents[0]!;
    const own = await logInRaw(app.url, email, { headers: { "X-Forwarded-For": address(1) } });
    const statuses: number[] = [];
    for (let host = 11; host <= 18; host += 1) statuses.push(...(await fail(app, email, address(host), 10)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);
    // Elsewhere even the right password waits, for minutes and not for ever.
    const elsewhere = await logInRaw(app.url, email, { headers: { "X-Forwarded-For": address(21) } });
    expect(elsewhere.status).toBe(429);
    expect(Number(elsewhere.headers["retry-after"])).toBeLessThanOrEqual(15 * 60);
    expect(await attempt(app, email, address(1))).toBe(200);
    const changed = await ask(app.url, "POST", "/auth/password/change", {
      token: own.body.accessToken,
      body: { currentPassword: password, password: "another long enough one" },
      headers: { "X-Forwarded-For": address(22) },
    });
    expect(changed.status).toBe(204);
  });

  test("don't wait for a mailed link either: after it the person gets in from there", async () => {
    const app = await startLimited();
    const address = newBlock();
    const { email } = (await app.tenant()).agents[0]!;
    for (let host = 11; host <= 14; host += 1) await fail(app, email, address(host), 10);
    expect(await attempt(app, email, address(21))).toBe(429);
    const from = { headers: { "X-Forwarded-For": address(21) } };
    await ask(app.url, "POST", "/auth/password/forgot", { body: { email }, ...from });
    const body = { token: await resetTokenFor(app, email), password };
    expect((await ask(app.url, "POST", "/auth/password/reset", { body, ...from })).status).toBe(204);
    expect(await attempt(app, email, address(21))).toBe(200);
  });
});

describe("sign-ups that try out which addresses have a login", () => {
  test("are soon held back, for known and unknown addresses alike, and a taken short name tells nothing", async () => {
    const app = await startLimited();
    const address = newBlock();
    const tenant = await app.tenant();
    const people = [...tenant.agents];
    while (people.length < 11) people.push(await addAgent(app.superuser, tenant));
    const headers = { "X-Forwarded-For": address(1) };
    const probe = (email: string, slug = `w-${randomUUID().slice(0, 13)}`) =>
      ask(app.url, "POST", "/auth/register", {
        body: signUpOf({ email, password: "not their password", workspace: { name: "Probe", slug } }),
        headers,
      });
    for (const slug of [tenant.slug, "admin"]) {
      const [known, unknown] = [await probe(people[0]!.email, slug), await probe(`x-${randomUUID()}@a.test`, slug)];
      expect(refusalOf(known)).toEqual([409, "conflict"]);
      expect(known.body).toEqual(unknown.body);
    }
    const statuses: number[] = [];
    for (const { email } of people) statuses.push((await probe(email)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect((await probe(`x-${randomUUID()}@a.test`)).status).toBe(429);
  });
});

test("a success forgives the failures before it", async () => {
  const app = await startLimited();
  const address = newBlock();
  const { email } = (await app.tenant()).agents[0]!;
  await fail(app, email, address(1), 9);
  expect(await attempt(app, email, address(1))).toBe(200);
  expect(await fail(app, email, address(1), 10)).toEqual(Array.from({ length: 10 }, () => 401));
});

test("attempts at once gain nothing over attempts in turn", async () => {
  const app = await startLimited();
  const address = newBlock();
  const { email } = (await app.tenant()).agents[0]!;
  const statuses = await Promise.all(
    Array.from({ length: 20 }, () => attempt(app, email, address(1), { wrong: true })),
  );
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});

test("an address that tries one person after the other is held back as a whole", async () => {
  const app = await startLimited();
  const address = newBlock();
  const tenant = await app.tenant();
  const guess = async (i: number) => attempt(app, `guess-${i}@${tenant.slug}.test`, address(1));
  const node = app.app.node;
  // Each guess at an unknown person costs a whole comparison, so most of the hundred are counted without one.
  for (let i = 0; i < 98; i += 1) await node.redis.app.incr(`parley:login:address:${address(1)}`);
  expect([await guess(1), await guess(2), await guess(3)]).toEqual([401, 401, 429]);
  expect(await attempt(app, tenant.agents[0]!.email, address(1))).toBe(429);
  expect(await attempt(app, tenant.agents[0]!.email, address(2))).toBe(200);
});

test("while Redis is away each node holds back by itself, sooner", async () => {
  const app = await startLimited();
  const address = newBlock();
  const { email } = (await app.tenant()).agents[0]!;
  app.app.node.redis.app.disconnect();
  expect(await fail(app, email, address(1), 6)).toEqual([401, 401, 401, 401, 401, 429]);
});
