import * as v from "valibot";
import { expect, onTestFinished, test, vi } from "vitest";
import { LoginData } from "../../../server/contract/admin.ts";
import { useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { ask, auditOf, cookieOf, refreshWith, refusalOf } from "../requests.ts";
import type { Raw } from "../requests.ts";
import { holderOf, joinTenant, signIn, statusOf } from "./people.ts";

const app = useApp();

const memberOfTwo = async () => {
  const [first, second] = [await app().tenant(), await app().tenant()];
  const { id, email } = first.agents[0]!;
  await joinTenant(app(), second, id);
  return { first, second, person: await signIn(app(), email, first.slug) };
};

const switchTo = (token: string, tenant: string) =>
  ask(app().url, "POST", "/auth/switch-tenant", { token, body: { tenant } });

test("a member of two workspaces goes on in the other with a session of its own", async () => {
  const { first, second, person } = await memberOfTwo();
  const answer = await switchTo(person.token, second.slug);
  expect(answer.status).toBe(200);
  const data = v.parse(LoginData, answer.body);
  expect(data.tenant.slug).toBe(second.slug);
  expect(data.tenants.map(({ slug }) => slug).toSorted()).toEqual([first.slug, second.slug].toSorted());
  const there = holderOf(answer);
  expect((await ask(app().url, "GET", "/me", { token: there.token })).body.tenant.id).toBe(second.id);
  expect((await refreshWith(app().url, there.cookie)).body.tenant.id).toBe(second.id);
  expect(await auditOf(app(), second)).toMatchObject([
    { action: "auth.switch_tenant", actor_id: person.userId, target_id: there.sessionId },
  ]);
});

test.each([
  ["ends", (token: string, left: string) => ask(app().url, "DELETE", `/auth/sessions/${left}`, { token })],
  ["ends with all others", (token: string) => ask(app().url, "POST", "/auth/logout-everywhere", { token })],
])("nobody goes on from a session that %s meanwhile", async (_how, end) => {
  const { first, second, person } = await memberOfTwo();
  const elsewhere = await signIn(app(), person.email, first.slug);
  const { tenancy } = app().app.node;
  const { withTenant } = tenancy;
  // It ends when all has been asked, and right before the new session is written.
  let ended: Raw | undefined;
  const spy = vi.spyOn(tenancy, "withTenant").mockImplementation(async (id, work, urgent) => {
    if (id === second.id) ended ??= await end(elsewhere.token, person.sessionId);
    return withTenant(id, work, urgent);
  });
  onTestFinished(() => spy.mockRestore());
  const answer = await switchTo(person.token, second.slug);
  expect(ended?.status).toBe(204);
  expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
  expect(cookieOf(answer)).toBeUndefined();
  const { rowCount } = await app().superuser.query(
    "SELECT FROM sessions WHERE user_id = $1 AND tenant_id = $2 AND revoked_at IS NULL",
    [person.userId, second.id],
  );
  expect(rowCount).toBe(0);
});

test("a session that is just beginning is waited for, and ends with all others", async () => {
  const { first, second, person } = await memberOfTwo();
  const elsewhere = await signIn(app(), person.email, first.slug);
  const holder = await app().superuser.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("SELECT FROM users WHERE id = $1 FOR SHARE", [person.userId]);
    const ended = ask(app().url, "POST", "/auth/logout-everywhere", { token: elsewhere.token });
    await eventually(async () => {
      const { rowCount } = await app().superuser.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'SELECT FROM users%'`,
      );
      return rowCount === 1;
    }, "the end of all sessions waits for the login");
    const there = holderOf(await switchTo(person.token, second.slug));
    await holder.query("COMMIT");
    expect((await ended).status).toBe(204);
    expect([await statusOf(app(), there.token), await statusOf(app(), person.token)]).toEqual([401, 401]);
  } finally {
    holder.release(true);
  }
});

test("the session that is left ends with its access token, unless it is renewed", async () => {
  const { first, second, person } = await memberOfTwo();
  await switchTo(person.token, second.slug);
  expect(await statusOf(app(), person.token)).toBe(200);
  const left = async () =>
    (
      await app().superuser.query(
        "SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM sessions WHERE tenant_id = $1",
        [first.id],
      )
    ).rows[0].seconds;
  expect(await left()).toBeLessThanOrEqual(900);
  expect((await refreshWith(app().url, person.cookie)).status).toBe(200);
  expect(await left()).toBeGreaterThan(86_400);
});

test("a workspace one does not belong to, was deactivated in, or that is suspended or not there is not found", async () => {
  const { second, person } = await memberOfTwo();
  const [foreign, former, suspended] = [await app().tenant(), await app().tenant(), await app().tenant()];
  await joinTenant(app(), former, person.userId, "deactivated");
  await joinTenant(app(), suspended, person.userId);
  await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [suspended.id]);
  const answers = [];
  for (const slug of [foreign.slug, former.slug, suspended.slug, "no-such-workspace"])
    answers.push(await switchTo(person.token, slug));
  for (const answer of answers) expect(refusalOf(answer)).toEqual([404, "not_found"]);
  expect(new Set(answers.map(({ body }) => body.error.message)).size).toBe(1);
  expect((await app().superuser.query("SELECT FROM sessions WHERE user_id = $1", [person.userId])).rowCount).toBe(1);
  expect((await switchTo(person.token, second.slug)).status).toBe(200);
});
