import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { actAs } from "../platform/support.ts";
import { ask, auditOf, cookieOf, logInRaw, refreshWith } from "../requests.ts";

const app = useApp();

const signIn = async (email: string) => {
  const answer = await logInRaw(app().url, email);
  return { token: answer.body.accessToken as string, cookie: cookieOf(answer)!.cookie };
};

test("a logout voids the access token, the refresh token and the live sockets of its session, and no other", async () => {
  const tenant = await app().tenant();
  const { email, id } = tenant.agents[0]!;
  const [here, elsewhere] = [await signIn(email), await signIn(email)];
  const leaving = await app().agent(tenant, { token: () => here.token });
  const staying = await app().agent(tenant, { token: () => elsewhere.token });
  const ended = leaving.next<{ reason: string; reconnect: boolean }>("session:ended");
  const answer = await ask(app().url, "POST", "/auth/logout", { token: here.token, headers: { Cookie: here.cookie } });
  expect([answer.status, answer.body]).toEqual([204, undefined]);
  const { cookie, attributes } = cookieOf(answer)!;
  expect(cookie).toBe(`${here.cookie.split("=")[0]}=`);
  expect(attributes).toContain("Max-Age=0");
  expect(await ended).toEqual({ reason: "session_revoked", reconnect: false });
  const again = await ask(app().url, "GET", "/me", { token: here.token });
  expect([again.status, again.body.error.details.reason]).toEqual([401, "session_revoked"]);
  expect((await refreshWith(app().url, here.cookie)).status).toBe(401);

  expect((await ask(app().url, "GET", "/me", { token: elsewhere.token })).status).toBe(200);
  expect((await refreshWith(app().url, elsewhere.cookie)).status).toBe(200);
  expect(staying.socket.connected).toBe(true);
  const events = (await auditOf(app(), tenant)).filter(({ action }) => action === "auth.logout");
  expect(events).toMatchObject([{ actor_id: id, target_id: here.cookie.split(".")[1] }]);
});

test("a logout leaves the cookie of another login of the same browser alone", async () => {
  const [first, second] = [await app().tenant(), await app().tenant()];
  const { token } = await signIn(first.agents[0]!.email);
  const other = await signIn(second.agents[0]!.email);
  const answer = await ask(app().url, "POST", "/auth/logout", { token, headers: { Cookie: other.cookie } });
  expect(answer.status).toBe(204);
  expect(answer.headers["set-cookie"]).toBeUndefined();
  expect((await refreshWith(app().url, other.cookie)).status).toBe(200);
});

test("a cookie alone logs nobody out", async () => {
  const tenant = await app().tenant();
  const { cookie } = await signIn(tenant.agents[0]!.email);
  expect((await ask(app().url, "POST", "/auth/logout", { headers: { Cookie: cookie } })).status).toBe(401);
  expect((await refreshWith(app().url, cookie)).status).toBe(200);
});

test("one of Parley's staff ends what they do as a member by a logout, even where they may only read", async () => {
  const tenant = await app().tenant();
  const member = tenant.agents[0]!;
  const own = await signIn(member.email);
  const { accessToken: token, impersonation, staff } = await actAs(app(), tenant, { userId: member.id });
  expect((await ask(app().url, "POST", "/auth/logout", { token })).status).toBe(204);
  expect((await ask(app().url, "GET", "/me", { token })).status).toBe(401);
  expect((await ask(app().url, "GET", "/me", { token: own.token })).status).toBe(200);
  expect((await auditOf(app(), tenant)).filter(({ action }) => action === "impersonation.end")).toMatchObject([
    { actor_kind: "platform", actor_id: staff.member.id, on_behalf_of_id: member.id, target_id: impersonation.id },
  ]);
});
