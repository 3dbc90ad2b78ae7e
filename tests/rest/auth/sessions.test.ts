import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { authRoutes } from "../../../server/contract/auth-routes.ts";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { actAs } from "../platform/support.ts";
import { ask, auditOf, cookieOf, refreshWith, refusalOf } from "../requests.ts";
import { joinTenant, signIn, statusOf } from "./people.ts";

const app = useApp();

const list = async (token: string, query = "") => {
  const answer = await ask(app().url, "GET", `/auth/sessions${query}`, { token });
  expect(answer.status).toBe(200);
  return v.parse(authRoutes["auth/sessions"].response, answer.body);
};

const memberOfTwo = async () => {
  const [first, second] = [await app().tenant(), await app().tenant()];
  const { id, email } = first.agents[0]!;
  await joinTenant(app(), second, id);
  return { first, second, id, email };
};

describe("the list of sessions", () => {
  test("shows device, address and last use of every session of the person, in all workspaces, newest first", async () => {
    const { first, second, email } = await memberOfTwo();
    const [here, there] = [await signIn(app(), email, first.slug), await signIn(app(), email, second.slug)];
    const { data, nextCursor } = await list(here.token);
    expect(nextCursor).toBeNull();
    expect(data).toMatchObject([
      { id: there.sessionId, tenant: { slug: second.slug }, current: false },
      { id: here.sessionId, tenant: { slug: first.slug }, current: true, device: null },
    ]);
    expect(data[0]!.address).toContain("127.0.0.1");
  });

  test("leaves out colleagues', revoked and expired ones", async () => {
    const tenant = await app().tenant();
    const colleague = await addAgent(app().superuser, tenant);
    const { email } = tenant.agents[0]!;
    const [mine, revoked, expired] = [
      await signIn(app(), email),
      await signIn(app(), email),
      await signIn(app(), email),
    ];
    await signIn(app(), colleague.email);
    await app().superuser.query("UPDATE sessions SET revoked_at = now() WHERE id = $1", [revoked.sessionId]);
    await app().superuser.query("UPDATE sessions SET expires_at = now() WHERE id = $1", [expired.sessionId]);
    expect((await list(mine.token)).data.map(({ id }) => id)).toEqual([mine.sessionId]);
  });

  test("is paged, and a page is not moved by sessions that begin meanwhile", async () => {
    const { email } = (await app().tenant()).agents[0]!;
    const people = [];
    for (let i = 0; i < 3; i += 1) people.push(await signIn(app(), email));
    const { token } = people[0]!;
    const first = await list(token, "?limit=2");
    await signIn(app(), email);
    const rest = await list(token, `?limit=2&cursor=${first.nextCursor}`);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(people.map((one) => one.sessionId).toReversed());
    expect(rest.nextCursor).toBeNull();
    expect(refusalOf(await ask(app().url, "GET", "/auth/sessions?cursor=7", { token }))).toEqual([
      400,
      "invalid_payload",
    ]);
  });

  test("names one of Parley's staff who acts as the person, and the person may end that", async () => {
    const tenant = await app().tenant();
    const member = tenant.agents[0]!;
    const { accessToken: theirs, impersonation } = await actAs(app(), tenant, { userId: member.id });
    const sid = impersonation.id;
    const { token } = await signIn(app(), member.email);
    const { data } = await list(token);
    expect(data.find(({ id }) => id === sid)).toMatchObject({ impersonator: { name: "Rosa", readOnly: true } });
    expect((await ask(app().url, "DELETE", `/auth/sessions/${sid}`, { token })).status).toBe(204);
    expect(await statusOf(app(), theirs)).toBe(401);
  });
});

describe("ending a session", () => {
  test("of another workspace of one's own ends its tokens and live sockets", async () => {
    const { first, second, email, id } = await memberOfTwo();
    const [here, there] = [await signIn(app(), email, first.slug), await signIn(app(), email, second.slug)];
    const agent = await app().agent(second, { token: () => there.token });
    const ended = agent.next<{ reason: string; reconnect: boolean }>("session:ended");
    const path = `/auth/sessions/${there.sessionId}`;
    expect((await ask(app().url, "DELETE", path, { token: here.token })).status).toBe(204);
    expect(await ended).toEqual({ reason: "session_revoked", reconnect: false });
    expect(await statusOf(app(), there.token)).toBe(401);
    expect((await refreshWith(app().url, there.cookie)).status).toBe(401);
    expect(await statusOf(app(), here.token)).toBe(200);
    expect(refusalOf(await ask(app().url, "DELETE", path, { token: here.token }))).toEqual([404, "not_found"]);
    expect((await auditOf(app(), second)).filter(({ action }) => action === "session.revoke")).toMatchObject([
      { actor_id: id, target_id: there.sessionId },
    ]);
  });

  test("of somebody else is not found, and ends nothing", async () => {
    const tenant = await app().tenant();
    const colleague = await signIn(app(), (await addAgent(app().superuser, tenant)).email);
    const stranger = await signIn(app(), (await app().tenant()).agents[0]!.email);
    const { token } = await signIn(app(), tenant.agents[0]!.email);
    for (const { sessionId } of [colleague, stranger, { sessionId: randomUUID() }])
      expect(refusalOf(await ask(app().url, "DELETE", `/auth/sessions/${sessionId}`, { token }))).toEqual([
        404,
        "not_found",
      ]);
    expect([await statusOf(app(), colleague.token), await statusOf(app(), stranger.token)]).toEqual([200, 200]);
  });

  test("that asks takes its cookie away too", async () => {
    const person = await signIn(app(), (await app().tenant()).agents[0]!.email);
    const answer = await ask(app().url, "DELETE", `/auth/sessions/${person.sessionId}`, {
      token: person.token,
      headers: { Cookie: person.cookie },
    });
    expect(cookieOf(answer)!.attributes).toContain("Max-Age=0");
    expect(await statusOf(app(), person.token)).toBe(401);
  });
});

test("ending all others keeps the one that asks, and says how many ended", async () => {
  const { first, second, email } = await memberOfTwo();
  const mine = await signIn(app(), email, first.slug);
  const others = [await signIn(app(), email, first.slug), await signIn(app(), email, second.slug)];
  const answer = await ask(app().url, "POST", "/auth/sessions/revoke-others", { token: mine.token });
  expect([answer.status, answer.body]).toEqual([200, { ended: 2 }]);
  for (const { token } of others) expect(await statusOf(app(), token)).toBe(401);
  expect(await statusOf(app(), mine.token)).toBe(200);
});

test("a logout everywhere ends every session in every workspace, and their sockets, and no colleague's", async () => {
  const { first, second, email, id } = await memberOfTwo();
  const colleague = await signIn(app(), (await addAgent(app().superuser, first)).email);
  const [here, there] = [await signIn(app(), email, first.slug), await signIn(app(), email, second.slug)];
  const agent = await app().agent(second, { token: () => there.token });
  const ended = agent.next<{ reason: string }>("session:ended");
  const answer = await ask(app().url, "POST", "/auth/logout-everywhere", {
    token: here.token,
    headers: { Cookie: here.cookie },
  });
  expect(answer.status).toBe(204);
  expect(cookieOf(answer)!.attributes).toContain("Max-Age=0");
  expect((await ended).reason).toBe("session_revoked");
  for (const { token, cookie } of [here, there]) {
    expect(await statusOf(app(), token)).toBe(401);
    expect((await refreshWith(app().url, cookie)).status).toBe(401);
  }
  expect(await statusOf(app(), colleague.token)).toBe(200);
  for (const tenant of [first, second])
    expect((await auditOf(app(), tenant)).filter(({ action }) => action === "auth.logout_everywhere")).toMatchObject([
      { actor_id: id, after: { endedSessions: 1 } },
    ]);
});
