import { gzipSync } from "node:zlib";
import pino from "pino";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createKoa } from "../../server/http/koa.ts";
import { startApp, useApp } from "../support/app.ts";
import { password } from "../support/tenant.ts";
import { ask, cookieOf, logInRaw, raw, refreshWith, refusalOf, serve, settled, tokenFor } from "./requests.ts";

const app = useApp();

const json = { "Content-Type": "application/json" };
const login = { method: "POST", path: "/api/v1/auth/login" };

describe("a request's id", () => {
  const idOf = async (given?: string) =>
    (
      await raw(app().url, {
        path: "/api/v1/me",
        headers: given === undefined ? {} : { "X-Request-Id": given },
      })
    ).headers["x-request-id"];

  test("is echoed, on refusals too", async () => {
    expect(await idOf("abc-123_4.5:6")).toBe("abc-123_4.5:6");
  });

  test("is made where none came, a new one each time", async () => {
    const [one, other] = [await idOf(), await idOf()];
    expect(one).toMatch(/^[\w-]{36}$/u);
    expect(one).not.toBe(other);
  });

  test("is not taken over from what would not fit into a line of a log", async () => {
    for (const strange of ["with space", "x".repeat(101), '{"a":1}'])
      expect(await idOf(strange)).toMatch(/^[\w-]{36}$/u);
  });
});

describe("a body", () => {
  const announced = (bytes: number) => ({ ...json, "Content-Length": String(bytes) });

  test("that announces more than 64 KB is refused before a byte of it is read", async () => {
    const answer = await raw(app().url, { ...login, headers: announced(65_537), unfinished: true });
    expect(refusalOf(answer)).toEqual([413, "payload_too_large"]);
  });

  test("of 64 KB is read", async () => {
    const body = JSON.stringify({ email: "a@b.test", password: "x" }).padEnd(65_536);
    expect(refusalOf(await raw(app().url, { ...login, headers: announced(65_536), body }))).toEqual([
      401,
      "unauthenticated",
    ]);
  });

  test("that grows past 64 KB unannounced is refused there", async () => {
    const body = JSON.stringify({ email: "a@b.test", password: "x".repeat(70_000) });
    const headers = { ...json, "Transfer-Encoding": "chunked" };
    expect(refusalOf(await raw(app().url, { ...login, headers, body }))).toEqual([413, "payload_too_large"]);
  });

  test("of ten megabytes gets its answer, and the next request is served", async () => {
    const body = Buffer.alloc(10 * 1024 * 1024, " ");
    const answer = await fetch(`${app().url}/api/v1/auth/login`, { method: "POST", headers: json, body });
    expect(answer.status).toBe(413);
    expect((await raw(app().url, { path: "/health/live" })).status).toBe(200);
  });

  test("that is compressed is refused, whatever it would unpack to", async () => {
    const body = gzipSync(JSON.stringify({ email: "a@b.test", password: "x" }));
    for (const encoding of ["gzip", "deflate", "br", "GZIP", "identity, gzip"]) {
      const headers = { ...announced(body.length), "Content-Encoding": encoding };
      const answer = await raw(app().url, { ...login, headers, body });
      expect(refusalOf(answer)).toEqual([400, "invalid_payload"]);
      expect(answer.body.error.message).toContain("Compressed");
    }
  });

  test("that is no JSON object is refused", async () => {
    for (const body of ["{", "nonsense", '"text"', '{"email":"a@b.test",}', '{"__proto__":{"a":1}}', "\u{FEFF}{}"]) {
      const answer = await raw(app().url, { ...login, headers: announced(Buffer.byteLength(body)), body });
      expect(refusalOf(answer)).toEqual([400, "invalid_payload"]);
    }
  });

  test("a thousand levels deep is refused and harms nobody", async () => {
    const body = `{"email":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect(refusalOf(await raw(app().url, { ...login, headers: announced(body.length), body }))).toEqual([
      400,
      "invalid_payload",
    ]);
  });

  test("of another type is refused with the type it should have", async () => {
    const body = "email=a%40b.test&password=x";
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/vnd.api+json", undefined]) {
      const headers = { "Content-Length": String(body.length), ...(type && { "Content-Type": type }) };
      const answer = await raw(app().url, { ...login, headers, body });
      expect(refusalOf(answer)).toEqual([400, "invalid_payload"]);
      expect(answer.body.error.message).toContain("application/json");
    }
  });

  test("is read with a charset named", async () => {
    const body = JSON.stringify({ email: "a@b.test", password: "x" });
    const headers = { "Content-Type": "application/json; charset=utf-8", "Content-Length": String(body.length) };
    expect(refusalOf(await raw(app().url, { ...login, headers, body }))).toEqual([401, "unauthenticated"]);
  });
});

test("a refusal never repeats what was sent", async () => {
  const answer = await ask(app().url, "POST", "/auth/login", { body: { email: "a@secret", password } });
  expect([answer.status, answer.body.error.message]).toEqual([
    400,
    "body.email: must be an e-mail address, such as ana@example.com",
  ]);
  expect(JSON.stringify(answer.body)).not.toContain("secret");
});

test("an address is spelled in one way", async () => {
  expect((await raw(app().url, { path: "/api/v1/plans" })).status).toBe(200);
  for (const path of ["/API/V1/plans", "/api/v1/Plans"]) expect((await raw(app().url, { path })).status).toBe(404);
});

test("an address where nothing is answers not_found in JSON", async () => {
  for (const path of ["/api/v1/nothing", "/api", "/api/v1", "/api/v2/me", "/nothing", "/%zz", "//me"])
    expect(refusalOf(await raw(app().url, { path }))).toEqual([404, "not_found"]);
});

test("long-polling sockets are answered by Socket.IO alone", async () => {
  const { status, body, headers } = await raw(app().url, { path: "/socket.io/?EIO=4&transport=polling" });
  expect([status, headers["x-request-id"]]).toEqual([200, undefined]);
  expect(body).toContain('"sid"');
});

test("answers of the API are never cached, and every answer carries the headers that keep browsers strict", async () => {
  const { headers } = await raw(app().url, { path: "/api/v1/me" });
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["content-type"]).toContain("application/json");
  const policy = headers["content-security-policy"] as string;
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("upgrade-insecure-requests");
  expect(headers["strict-transport-security"]).toBeUndefined();
});

describe("behind https", () => {
  const encrypted = useApp({ PUBLIC_URL: "https://chat.example.test" });
  beforeAll(() => settled(encrypted()));

  test("browsers are told to stay with it, and the cookie is Secure", async () => {
    const tenant = await encrypted().tenant();
    const answer = await logInRaw(encrypted().url, tenant.agents[0]!.email);
    expect(cookieOf(answer)!.attributes).toContain("Secure");
    expect(answer.headers["strict-transport-security"]).toContain("max-age");
    expect(answer.headers["content-security-policy"]).toContain("upgrade-insecure-requests");
  });
});

test("a proxy is believed about https and addresses only when it is trusted", async () => {
  const tenant = await app().tenant();
  const { email } = tenant.agents[0]!;
  const headers = { "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9" };
  expect(cookieOf(await logInRaw(app().url, email, { headers }))!.attributes).not.toContain("Secure");
  const { rows } = await app().superuser.query("SELECT address FROM sessions WHERE tenant_id = $1", [tenant.id]);
  expect(rows[0].address).not.toContain("203.0.113.9");
});

describe("behind a trusted proxy", () => {
  const proxied = useApp({ TRUSTED_PROXIES: "1" });
  beforeAll(() => settled(proxied()));

  test("https and the address before it are taken from that proxy alone", async () => {
    const tenant = await proxied().tenant();
    const headers = { "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.1, 203.0.113.9" };
    const answer = await logInRaw(proxied().url, tenant.agents[0]!.email, { headers });
    expect(cookieOf(answer)!.attributes).toContain("Secure");
    const { rows } = await proxied().superuser.query("SELECT address FROM sessions WHERE tenant_id = $1", [tenant.id]);
    expect(rows[0].address).toBe("203.0.113.9");
  });
});

test("the log names who asked for what, and holds no password, token, cookie, query or words", async () => {
  let written = "";
  const log = pino({ level: "debug" }, { write: (line: string) => void (written += line) });
  const { node } = app().app;
  const health = { started: true, draining: false, tag: "tag" };
  const { url, close } = await serve(createKoa({ ...node, log }, health));
  onTestFinished(close);
  const tenant = await app().tenant();
  const { email } = tenant.agents[0]!;
  const signedIn = await logInRaw(url, email);
  const token = signedIn.body.accessToken as string;
  const { cookie } = cookieOf(signedIn)!;
  await logInRaw(url, email, { wrong: true });
  await refreshWith(url, cookie);
  const { id } = await (await app().contact(tenant)).start("words of a contact");
  await ask(url, "POST", `/conversations/${id}/messages`, {
    token,
    body: { clientId: "c", body: "words of an agent" },
  });
  await ask(url, "POST", `/conversations/${id}/messages`, { token, body: { body: 7, extra: "words too many" } });
  await ask(url, "GET", "/conversations?cursor=secret-query", { token });
  await raw(url, { ...login, headers: json, body: '{"broken words' });

  const lines = written
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ msg }) => msg === "request")).toHaveLength(7);
  expect(lines).toContainEqual(
    expect.objectContaining({
      method: "POST",
      path: `/api/v1/conversations/${id}/messages`,
      status: 201,
      tenantId: tenant.id,
      actorId: tenant.agents[0]!.id,
      requestId: expect.any(String),
    }),
  );
  const secrets = [password, "not the password", token, cookie.split(".")[2]!, "words", "secret-query", email];
  for (const secret of secrets) expect(written).not.toContain(secret);
});

test("a token whose session has ended is counted before the database is asked for it", async () => {
  const small = await startApp({ RATE_LIMIT_FACTOR: "0.02" });
  const tenant = await small.tenant();
  const token = await tokenFor(small, tenant);
  await small.superuser.query("UPDATE sessions SET revoked_at = now() WHERE tenant_id = $1", [tenant.id]);
  const codes: string[] = [];
  for (let n = 0; n < 30; n += 1) codes.push(refusalOf(await ask(small.url, "GET", "/me", { token }))[1]);
  expect([codes[0], codes.at(-1)]).toEqual(["unauthenticated", "rate_limited"]);
});
