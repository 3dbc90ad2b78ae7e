import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LoginData } from "../../server/contract/admin.ts";
import { ask } from "../../agent-desktop/session/ask.ts";
import { chooseWorkspace, renewAccess, signOut, useSession } from "../../agent-desktop/session/session-store.ts";

const loginOf = (name: string, workspace: string): LoginData => {
  const tenant = { id: workspace, name: workspace, slug: workspace };
  const user = { id: name, name, email: `${name}@acme.test` };
  const tenants = ["acme", "globex"].map((slug) => ({ id: slug, name: slug, slug }));
  return { user, tenant, tenants, accessToken: `token of ${name} in ${workspace}`, expiresIn: 900 };
};

const own = loginOf("ada", "acme");

/** What a server is asked whose cookie is `now`'s and who finds the token of `own` run out: by path, with the token shown. */
const asked: string[] = [];
const serve = (now: LoginData) =>
  vi.stubGlobal("fetch", (address: string, { headers }: { headers: Record<string, string> }) => {
    asked.push(`${address.replace("/api/v1/", "")} ${headers["authorization"] ?? ""}`.trim());
    if (address.endsWith("/auth/refresh")) return Promise.resolve(Response.json(now));
    return Promise.resolve(
      Response.json({ error: { code: "unauthenticated", message: "It ran out.", retryable: false } }, { status: 401 }),
    );
  });

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("navigator", {});
  useSession.setState({ phase: "signed_in", login: own }, true);
});
afterEach(() => {
  vi.unstubAllGlobals();
  useSession.setState({ phase: "starting" }, true);
});

const others = [loginOf("ben", "acme"), loginOf("ada", "globex")];

const acts: Record<string, () => Promise<unknown>> = {
  "asking for something": () => ask("me", {}).catch(() => {}),
  "renewing the token": () => renewAccess(own).catch(() => {}),
  "going to another workspace": () => chooseWorkspace("globex").catch(() => {}),
};

for (const [name, act] of Object.entries(acts))
  test(`${name} shows nobody else's token, and leaves the tab to nobody`, async () => {
    for (const now of others) {
      serve(now);
      useSession.setState({ phase: "signed_in", login: own }, true);
      await act();
      expect(useSession.getState()).toEqual({
        phase: "replaced",
        own: { user: own.user, tenant: own.tenant },
        now: { user: now.user, tenant: now.tenant },
      });
    }
    expect(asked.filter((one) => one.includes("token of") && !one.endsWith(own.accessToken))).toEqual([]);
    expect(asked.filter((one) => one === "auth/refresh").length).toBe(others.length);
  });

test("signing out never signs out whoever the cookie is of by then", async () => {
  for (const now of others) {
    serve(now);
    useSession.setState({ phase: "signed_in", login: own }, true);
    await signOut();
    expect(useSession.getState().phase).toBe("signed_out");
  }
  expect(asked).toEqual(others.flatMap(() => [`auth/logout Bearer ${own.accessToken}`, "auth/refresh"]));
});

test("a token of the same person and workspace is taken", async () => {
  const fresh = { ...own, accessToken: "a fresh one" };
  serve(fresh);
  expect(await renewAccess(own)).toBe("a fresh one");
  expect(useSession.getState()).toEqual({ phase: "signed_in", login: fresh });
});
