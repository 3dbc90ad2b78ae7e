import { describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { createApp } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { createDeps } from "../../server/deps.ts";
import { createKoa } from "../../server/http/koa.ts";
import { startApp, useApp } from "../support/app.ts";
import { testSettings } from "../support/nodes.ts";
import { startProxy, targetOf } from "../support/proxy.ts";
import { copyDatabase } from "../support/services.ts";
import { eventually } from "../support/wait.ts";
import { logInRaw, raw, refusalOf, serve, settled } from "./requests.ts";

const ready = (url: string) => raw(url, { path: "/health/ready" });
const live = (url: string) => raw(url, { path: "/health/live" });

const throughProxy = (address: string, port: number): string => {
  const { username, password, pathname } = new URL(address);
  const proxied = new URL(`postgres://127.0.0.1:${port}${pathname}`);
  Object.assign(proxied, { username, password });
  return proxied.href;
};

/** A node that reaches Postgres through a proxy only. */
const startBehindProxy = async () => {
  const { ownerUrl, appUrl, redisUrl } = inject("services");
  const database = await copyDatabase({ ownerUrl, appUrl });
  onTestFinished(database.drop);
  const proxy = await startProxy(targetOf(database.appUrl));
  onTestFinished(() => proxy.close());
  const config = readConfig({
    ...testSettings,
    LOG_LEVEL: "silent",
    PORT: "0",
    DATABASE_URL: throughProxy(database.ownerUrl, proxy.port),
    DATABASE_APP_URL: throughProxy(database.appUrl, proxy.port),
    REDIS_URL: redisUrl,
  });
  const app = createApp(createDeps(config));
  onTestFinished(() => app.close({ drainSeconds: 0 }));
  return { proxy, url: `http://127.0.0.1:${await app.listen()}` };
};

const app = useApp();

test("a node that reaches everything is ready, and says which one it is", async () => {
  // Redis is connected to on the side, while the node listens already.
  const { status, body, headers } = await eventually(async () => {
    const answer = await ready(app().url);
    return answer.body.status === "ready" ? answer : undefined;
  }, "the node is ready");
  expect(status).toBe(200);
  expect(body.node).toBe(app().app.node.config.NODE_NAME);
  expect(body.tag).toMatch(/\S/u);
  expect(headers["cache-control"]).toBe("no-store");
  expect((await live(app().url)).body).toMatchObject({ status: "live", tag: body.tag });
});

test("a node that is starting or draining lives, and is not ready", async () => {
  const health = { started: false, draining: false, tag: "tag" };
  const { url, close } = await serve(createKoa(app().app.node, health));
  onTestFinished(close);
  const starting = await ready(url);
  expect([starting.status, starting.body.status]).toEqual([503, "starting"]);
  health.started = true;
  expect((await ready(url)).status).toBe(200);
  health.draining = true;
  const draining = await ready(url);
  expect([draining.status, draining.body.status]).toEqual([503, "draining"]);
  expect(draining.headers.connection).toBe("close");
  expect((await live(url)).status).toBe(200);
});

test("without Redis a node is degraded and still ready", async () => {
  const alone = await startApp();
  await settled(alone);
  alone.app.node.redis.app.disconnect();
  const { status, body } = await ready(alone.url);
  expect([status, body.status]).toEqual([200, "degraded"]);
});

describe("without Postgres", () => {
  test("a node lives, is not ready, refuses with unavailable, and is ready again by itself", async () => {
    const { proxy, url } = await startBehindProxy();
    await eventually(async () => (await ready(url)).status === 200, "the node is ready");
    proxy.refuse();
    await eventually(async () => (await ready(url)).status === 503, "the node is not ready");
    expect((await live(url)).status).toBe(200);
    const login = await logInRaw(url, "somebody@somewhere.test");
    expect(refusalOf(login)).toEqual([503, "unavailable"]);
    expect(Number(login.headers["retry-after"])).toBeGreaterThan(0);
    proxy.heal();
    await eventually(async () => (await ready(url)).status === 200, "the node is ready again");
    expect((await logInRaw(url, "somebody@somewhere.test")).status).toBe(401);
  });

  test("a Postgres that answers nothing makes a node not ready either", async () => {
    const { proxy, url } = await startBehindProxy();
    await eventually(async () => (await ready(url)).status === 200, "the node is ready");
    proxy.pause();
    const silent = await eventually(async () => {
      const answer = await ready(url);
      return answer.status === 503 ? answer : undefined;
    }, "the node is not ready");
    expect(silent.body).toMatchObject({ status: "degraded", postgres: false, redis: true });
    proxy.heal();
    await eventually(async () => (await ready(url)).status === 200, "the node is ready again");
  });
});

test("many who ask at once cost one question to Postgres", async () => {
  const own = await startApp();
  await settled(own);
  const [database] = own.app.node.tenancy.databases();
  const call = vi.spyOn(database!, "call");
  const answers = await Promise.all(Array.from({ length: 20 }, () => ready(own.url)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(call.mock.calls.filter(([, name]) => name === "ready")).toHaveLength(1);
});

test("metrics are told in Prometheus' format", async () => {
  const { status, headers, body } = await raw(app().url, { path: "/metrics" });
  expect(status).toBe(200);
  expect(headers["content-type"]).toContain("text/plain");
  expect(body).toContain("# TYPE parley_sockets gauge");
});

test("metrics are for this machine itself, or for whoever shows their token", async () => {
  const statusOf = async (url: string, headers: Record<string, string>) =>
    (await raw(url, { path: "/metrics", headers })).status;
  for (const header of ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"])
    expect([header, await statusOf(app().url, { [header]: "127.0.0.1" })]).toEqual([header, 404]);
  expect(await statusOf(app().url, { Host: "a-page-whose-name-points-here.test" })).toBe(404);
  const token = "a token of Prometheus";
  const closed = await startApp({ METRICS_TOKEN: token });
  await settled(closed);
  const headers = [{}, { Authorization: "Bearer " }, { Authorization: "Bearer another one" }];
  for (const each of headers) expect(await statusOf(closed.url, each as Record<string, string>)).toBe(404);
  expect(await statusOf(closed.url, { Authorization: `Bearer ${token}`, "X-Forwarded-For": "192.0.2.7" })).toBe(200);
});
