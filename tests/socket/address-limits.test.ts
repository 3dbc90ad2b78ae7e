import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ErrorBody } from "../../server/contract/errors.ts";
import { useApp } from "../support/app.ts";
import { identityToken, type Person } from "../support/people.ts";
import { openSession, type TestTenant } from "../support/tenant.ts";
import { ask, refused, say } from "./support/ask.ts";
import { begin } from "./support/scene.ts";

// The limits of production.
const app = useApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });

let blocks = 0;
/** An address that nobody else of this run, or of the one before, has used. */
const newAddress = () =>
  `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}:${(blocks += 1).toString(16)}::${1 + blocks}`;

const connectAll = (tenant: TestTenant, count: number, address: string): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => app().contact(tenant, { address })));

const codesOf = async (tries: Promise<unknown>[]): Promise<string[]> => {
  const outcomes = await Promise.allSettled(tries);
  return outcomes.map((one) =>
    one.status === "fulfilled" ? "ok" : (one.reason as { error: { code: string } }).error.code,
  );
};

const startedIn = async ({ id }: TestTenant): Promise<number> => {
  const { rows } = await app().superuser.query("SELECT count(*)::int AS n FROM conversations WHERE tenant_id = $1", [
    id,
  ]);
  return rows[0].n;
};

describe("conversations", () => {
  test("one address with many visitors can't use up those of a workspace, and another address still starts one", async () => {
    const tenant = await app().tenant({ plan: "basic" });
    const crowd = await connectAll(tenant, 20, newAddress());
    const codes = await codesOf(crowd.flatMap((one) => Array.from({ length: 15 }, () => begin(one))));
    expect(codes.filter((code) => code === "ok").length).toBeLessThanOrEqual(200);
    expect(codes).toContain("rate_limited");
    await begin(await app().contact(tenant, { address: newAddress() }));
    expect(await startedIn(tenant)).toBeLessThanOrEqual(201);
  });

  test("what an address may start in a day is counted for all nodes, and refused in words that tell nothing", async () => {
    const tenant = await app().tenant({ plan: "basic" });
    const address = newAddress();
    const visitor = await app().contact(tenant, { address });
    const payload = { clientId: randomUUID(), body: "hello" };
    const { conversation } = await ask(visitor, "conversation:start", payload);
    const network = `${address.split("::")[0]}::/64`;
    await app().app.node.sharedLimits.take({ of: "startsOfAddress", key: [tenant.id, network], points: 991 });
    const [, neighbour] = address.split("::");
    const vouched = await app().contact(tenant, {
      address: address.replace(`::${neighbour}`, "::abcd"),
      identityToken: identityToken(tenant, "ada"),
    });
    await begin(vouched);
    const refusal = await refused(begin(await app().contact(tenant, { address })));
    expect(refusal).toEqual({ code: "limit_exceeded", message: expect.any(String), retryable: false });
    // A resend of what was started is answered all the same.
    expect((await ask(visitor, "conversation:start", payload)).conversation.id).toBe(conversation.id);
    // The very same words as when the plan is used up.
    await app().superuser.query("UPDATE usage_counters SET value = 1000 WHERE tenant_id = $1", [tenant.id]);
    expect(await refused(begin(await app().contact(tenant, { address: newAddress() })))).toEqual(refusal);
  });

  test("whoever has many networks of IPv6 can't use up those of a workspace either", async () => {
    const tenant = await app().tenant();
    const words = randomUUID().replaceAll("-", "");
    const site = `fd${words.slice(0, 2)}:${words.slice(2, 6)}:${words.slice(6, 10)}`;
    const visitor = (network: string) => app().contact(tenant, { address: `${site}:${network}::1` });
    await begin(await visitor("1"));
    await app().app.node.sharedLimits.take({
      of: "startsOfSite",
      key: [tenant.id, `${new URL(`http://[${site}::]`).hostname.slice(1, -1)}/48`],
      points: 1_994,
    });
    expect(await refused(begin(await visitor("2")))).toMatchObject({ code: "limit_exceeded" });
    await begin(await app().contact(tenant, { address: newAddress() }));
  });

  test("one contact can't start them without end, however many addresses they have", async () => {
    const tenant = await app().tenant();
    const visitor = await app().contact(tenant, { address: newAddress() });
    await app().app.node.sharedLimits.take({
      of: "startsOfContact",
      key: [tenant.id, visitor.ready!.actor.id],
      points: 30,
    });
    const { visitorToken } = visitor;
    const elsewhere = await app().contact(tenant, { address: newAddress(), visitorToken: visitorToken! });
    expect((await refused(begin(elsewhere))).code).toBe("limit_exceeded");
  });
});

test("an office of a hundred people behind one address is served: each connects, starts and writes", async () => {
  const tenant = await app().tenant();
  const crowd = await connectAll(tenant, 100, newAddress());
  const codes = await codesOf(
    crowd.map(async (one) => {
      const { id } = await begin(one);
      await say(one, id, "and one more thing");
    }),
  );
  expect(new Set(codes)).toEqual(new Set(["ok"]));
}, 60_000);

describe("sockets", () => {
  type Held = { code: string; retryable?: boolean; details?: Record<string, unknown>; close: () => void };

  /** One handshake, whose socket stays open until the test ends. */
  const hold = (url: string, namespace: string, auth: object, headers: Record<string, string>): Promise<Held> =>
    new Promise((resolve, reject) => {
      const socket = io(`${url}${namespace}`, {
        transports: ["websocket"],
        forceNew: true,
        reconnection: false,
        auth,
        extraHeaders: headers,
      });
      const close = () => void socket.disconnect();
      onTestFinished(close);
      socket.on("session:ready", () => resolve({ code: "ok", close }));
      socket.on("connect_error", (error: Error & { data?: ErrorBody }) =>
        error.data ? resolve({ ...error.data, close }) : reject(error),
      );
      socket.io.on("close", () => queueMicrotask(() => resolve({ code: "closed", close })));
    });
  const visit = ({ inbox }: TestTenant, address: string, visitorToken?: string, url = app().url): Promise<Held> =>
    hold(
      url,
      "/widget",
      { inboxKey: inbox.key, ...(visitorToken !== undefined && { visitorToken }) },
      {
        origin: inbox.origin,
        "x-forwarded-for": address,
      },
    );
  const many = <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));
  const ok = (held: Held[]) => held.filter(({ code }) => code === "ok");

  test("one visitor has as many as the tabs of some browsers; others at their address are not held up", async () => {
    const tenant = await app().tenant();
    const address = newAddress();
    const { visitorToken } = await app().contact(tenant, { address });
    const tabs = await many(80, () => visit(tenant, address, visitorToken));
    expect(ok(tabs)).toHaveLength(49);
    expect(tabs.find(({ code }) => code !== "ok")).toMatchObject({ code: "rate_limited", retryable: true });
    await begin(await app().contact(tenant, { address }));
    // A tab that is closed makes room for another.
    ok(tabs)[0]!.close();
    while ((await visit(tenant, address, visitorToken)).code !== "ok");
  });

  test("one agent has as many, and a colleague is not held up", async () => {
    const tenant = await app().tenant({ roles: ["agent", "agent"] });
    const accessToken = await openSession(app().superuser, tenant, tenant.agents[0]!);
    const windows = await many(60, () => hold(app().url, "/agent", { accessToken }, {}));
    expect(ok(windows)).toHaveLength(50);
    await app().agent(tenant, { agent: tenant.agents[1]! });
  });

  describe("on a node with a twentieth of the limits", () => {
    const small = useApp({ RATE_LIMIT_FACTOR: "0.05", TRUSTED_PROXIES: "1" });

    test("an address has no more connections than an office needs, said or not said whose they are", async () => {
      const address = newAddress();
      const open = () =>
        fetch(`${small().url}/socket.io/?EIO=4&transport=polling`, { headers: { "x-forwarded-for": address } });
      await many(70, open);
      const { values } = await small().app.node.metrics.violations.get();
      expect(values.find(({ labels }) => labels.kind === "sockets")?.value).toBe(70 - 55);
      const tenant = await small().tenant();
      expect((await visit(tenant, address, undefined, small().url)).code).not.toBe("ok");
      expect((await visit(tenant, newAddress(), undefined, small().url)).code).toBe("ok");
    });

    test("new visitors of one address are held back with the time to wait; those who come back are not", async () => {
      const tenant = await small().tenant();
      const address = newAddress();
      const { visitorToken } = await small().contact(tenant, { address });
      let last: Held = { code: "ok", close: () => {} };
      while (last.code === "ok") {
        last = await visit(tenant, address, undefined, small().url);
        last.close();
      }
      expect(last).toMatchObject({ code: "rate_limited", details: { retryAfterMs: expect.any(Number) } });
      await small().contact(tenant, { address, visitorToken: visitorToken! });
    });
  });
});
