import { describe, expect, test } from "vitest";
import { useApp } from "../support/app.ts";
import { ask, cookieOf, logInRaw, raw, refreshWith, tokenFor } from "./requests.ts";

const publicUrl = "http://chat.example.test";
const app = useApp({ PUBLIC_URL: `${publicUrl}/parley` });

/** Origins that look like ours and are not. `url` is where the server listens. */
const foreign = (url: string) => [
  "https://evil.test",
  "null",
  "http://chat.example.test.evil.test",
  "http://evil-chat.example.test",
  "http://chat.example.test:81",
  "https://chat.example.test",
  `${url}0`,
  url.replace("127.0.0.1", "localhost"),
  "file://",
  "nonsense",
];

const own = (url: string) => [url, publicUrl];

describe("pages of other sites", () => {
  test("can't read what the API answers", async () => {
    const token = await tokenFor(app(), await app().tenant());
    for (const origin of foreign(app().url)) {
      const { headers } = await ask(app().url, "GET", "/me", { token, headers: { Origin: origin } });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
      expect(headers["vary"]).toContain("Origin");
    }
  });

  test("get no leave for a request with a token", async () => {
    for (const origin of foreign(app().url)) {
      const { headers } = await raw(app().url, {
        method: "OPTIONS",
        path: "/api/v1/me",
        headers: {
          Origin: origin,
          "Access-Control-Request-Method": "GET",
          "Access-Control-Request-Headers": "authorization",
        },
      });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(headers["access-control-allow-headers"]).toBeUndefined();
    }
  });

  test("can't sign in, refresh or log out with the browser's cookie", async () => {
    const tenant = await app().tenant();
    const { email } = tenant.agents[0]!;
    const signedIn = await logInRaw(app().url, email);
    const { cookie } = cookieOf(signedIn)!;
    const token = signedIn.body.accessToken as string;
    for (const origin of foreign(app().url)) {
      const headers = { Origin: origin, Cookie: cookie };
      const answers = [
        await logInRaw(app().url, email, { headers }),
        await refreshWith(app().url, cookie, headers),
        await ask(app().url, "POST", "/auth/logout", { token, headers }),
      ];
      for (const { status, body, headers: sent } of answers) {
        expect([origin, status, body.error.code]).toEqual([origin, 403, "permission_denied"]);
        expect(sent["set-cookie"]).toBeUndefined();
      }
    }
    expect((await refreshWith(app().url, cookie)).status).toBe(200);
  });
});

describe("pages of an origin that a workspace allows", () => {
  const origin = (slug: string) => `https://crm.${slug}.test`;
  const allowing = async () => {
    const tenant = await app().tenant();
    await app().superuser.query("UPDATE tenants SET allowed_origins = $2 WHERE id = $1", [
      tenant.id,
      [origin(tenant.slug), "https://second.test"],
    ]);
    return { tenant, token: await tokenFor(app(), tenant), origin: origin(tenant.slug) };
  };
  const askFrom = (token: string | undefined, from: string) =>
    ask(app().url, "GET", "/me", { token, headers: { Origin: from } });
  const preflight = (from: string) =>
    raw(app().url, {
      method: "OPTIONS",
      path: "/api/v1/me",
      headers: {
        Origin: from,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
      },
    });

  test("may read what it is answered, without cookies", async () => {
    const { token, origin: from } = await allowing();
    const { status, headers } = await askFrom(token, from);
    expect(status).toBe(200);
    expect(headers["access-control-allow-origin"]).toBe(from);
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
    expect(headers["access-control-expose-headers"]).toContain("RateLimit");
    const allowed = await preflight(from);
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": from,
      "access-control-allow-headers": "authorization,idempotency-key",
    });
    expect(allowed.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  test("may read why it was refused", async () => {
    const { origin: from } = await allowing();
    const { status, headers } = await askFrom(undefined, from);
    expect([status, headers["access-control-allow-origin"]]).toEqual([401, from]);
  });

  test("may not read what another workspace is answered", async () => {
    const [mine, theirs] = [await allowing(), await allowing()];
    const { status, headers } = await askFrom(theirs.token, mine.origin);
    expect([status, headers["access-control-allow-origin"]]).toEqual([200, undefined]);
  });

  test("are known by scheme, host and port exactly", async () => {
    const { token, origin: from } = await allowing();
    for (const other of [
      `${from}:444`,
      from.replace("https", "http"),
      `${from}.evil.test`,
      from.replace("crm.", "x.crm."),
    ]) {
      expect((await preflight(other)).headers["access-control-allow-origin"]).toBeUndefined();
      expect((await askFrom(token, other)).headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("can't sign in there", async () => {
    const { tenant, origin: from } = await allowing();
    const answer = await logInRaw(app().url, tenant.agents[0]!.email, { headers: { Origin: from } });
    expect(answer.status).toBe(403);
  });
});

describe("our own pages", () => {
  test("may use everything, by the address they were loaded from or by PUBLIC_URL", async () => {
    const { email } = (await app().tenant()).agents[0]!;
    for (const origin of own(app().url)) {
      const headers = { Origin: origin };
      const signedIn = await logInRaw(app().url, email, { headers });
      expect(signedIn.headers["access-control-allow-origin"]).toBe(origin);
      expect((await refreshWith(app().url, cookieOf(signedIn)!.cookie, headers)).status).toBe(200);
      const preflight = await raw(app().url, {
        method: "OPTIONS",
        path: "/api/v1/me",
        headers: {
          ...headers,
          "Access-Control-Request-Method": "GET",
          "Access-Control-Request-Headers": "authorization",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "authorization",
      });
    }
  });

  test("may be on https where a proxy nobody told us of ends it", async () => {
    const { email } = (await app().tenant()).agents[0]!;
    const origin = app().url.replace("http:", "https:");
    expect((await logInRaw(app().url, email, { headers: { Origin: origin } })).status).toBe(200);
  });
});

test("programs, which send no Origin, may sign in and refresh", async () => {
  const { email } = (await app().tenant()).agents[0]!;
  const signedIn = await logInRaw(app().url, email);
  expect((await refreshWith(app().url, cookieOf(signedIn)!.cookie)).status).toBe(200);
});
