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
