import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { seed } from "../../../db/seed.ts";
import { issueConfirmToken } from "../../../server/features/auth/confirm-token.ts";
import { issueResetToken } from "../../../server/features/auth/reset-token.ts";
import { startApp, useApp } from "../../support/app.ts";
import type { TestApp } from "../../support/app.ts";
import { password } from "../../support/tenant.ts";
import { invite } from "../invitation/support.ts";
import { call, staffOf } from "../platform/support.ts";
import { ask, auditOf, refusalOf } from "../requests.ts";
import { confirmTokenFor, holderOf, isConfirmed, mailsTo, resetByMail, signIn, signUp, signUpOf } from "./people.ts";
import type { Person } from "./people.ts";

const app = useApp();

const next = "another long enough password";

type SignedUp = Person & { tenant: { id: string } };
/** Somebody who has just signed up, and not followed the link in their mail. */
const newcomer = async (company: TestApp = app()): Promise<SignedUp> => {
  const answer = await signUp(company, signUpOf());
  return { ...holderOf(answer), tenant: answer.body.tenant };
};
const confirm = (token: string) => ask(app().url, "POST", "/auth/email/confirm", { body: { token } });
const resend = (token: string, company: TestApp = app(), headers?: Record<string, string>) =>
  ask(company.url, "POST", "/auth/email/resend", { token, ...(headers && { headers }) });
const confirmationsOf = async ({ tenant }: SignedUp) =>
  (await auditOf(app(), tenant as never)).filter(({ action }) => action === "email.confirm");

describe("an address", () => {
  test("is not confirmed by signing up, and is by the link in the welcome mail; the session stays as it is", async () => {
    const person = await newcomer();
    expect(await isConfirmed(app(), person.token)).toBe(false);
    const answer = await confirm(await confirmTokenFor(app(), person.email));
    expect([answer.status, answer.body, answer.headers["set-cookie"]]).toEqual([204, undefined, undefined]);
    expect(await isConfirmed(app(), person.token)).toBe(true);
    expect(await confirmationsOf(person)).toMatchObject([{ actor_id: person.userId, target_id: person.userId }]);
    expect((await mailsTo(app(), person.email)).map(({ kind }) => kind)).toEqual(["welcome"]);
  });

  test("is confirmed once, and each time with the same answer, however many ask at the same moment", async () => {
    const person = await newcomer();
    const token = await confirmTokenFor(app(), person.email);
    const answers = await Promise.all(Array.from({ length: 4 }, () => confirm(token)));
    const later = await confirm(token);
    expect([...answers, later].map(({ status, body }) => [status, body])).toEqual(
      Array.from({ length: 5 }, () => [204, undefined]),
    );
    expect(await confirmationsOf(person)).toHaveLength(1);
  });

  test("is confirmed by a new password that was set by a mailed link", async () => {
    const { email } = await newcomer();
    expect((await resetByMail(app(), email, password)).status).toBe(204);
    expect(await isConfirmed(app(), (await signIn(app(), email)).token)).toBe(true);
  });

  test("is confirmed by accepting an invitation, for somebody new as for a login there is", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    const [known, email] = [await newcomer(), `${randomUUID()}@example.test`];
    for (const body of [
      { token: (await invite(app(), tenant, { email })).token, name: "Nadia Okoye", password },
      { token: (await invite(app(), tenant, { email: known.email })).token, password },
    ]) {
      const answer = await ask(app().url, "POST", "/invitations/accept", { body });
      expect(await isConfirmed(app(), answer.body.accessToken)).toBe(true);
    }
    expect(await isConfirmed(app(), known.token)).toBe(true);
  });

  test("of a demo login counts as confirmed, in a demo from before as well", async () => {
    const { DATABASE_URL } = app().app.node.config;
    const counts = async () =>
      (
        await app().superuser.query(
          `SELECT count(*)::int AS logins, count(email_confirmed_at)::int AS confirmed
           FROM users WHERE email ~ '^(admin|manager|agent2?|root)@(acme|globex|parley)[.]test$'`,
        )
      ).rows[0];
    await seed(DATABASE_URL, { origins: [] });
    expect(await counts()).toEqual({ logins: 7, confirmed: 7 });
    await app().superuser.query("UPDATE users SET email_confirmed_at = NULL WHERE email LIKE '%@acme.test'");
    await seed(DATABASE_URL, { origins: [] });
    expect(await counts()).toEqual({ logins: 7, confirmed: 7 });
  });

  test("of an owner whose workspace Parley's staff made is confirmed by the link they choose a password with", async () => {
    const { token } = await staffOf(app());
    const slug = `p-${randomUUID().slice(0, 13)}`;
    const owner = { email: `owner@${slug}.test`, name: "Olive Owner" };
    await call(app(), "platform-tenant/create", { token, body: { name: "Initech", slug, plan: "pro", owner } });
    const [mail] = await mailsTo(app(), owner.email);
    const link = decodeURIComponent(/token=(\S+)/u.exec(mail!.text)![1]!);
    await ask(app().url, "POST", "/auth/password/reset", { body: { token: link, password } });
    expect(await isConfirmed(app(), (await signIn(app(), owner.email)).token)).toBe(true);
  });

  test("is not confirmed by a change of the password, or by signing in", async () => {
    const { email, token } = await newcomer();
    const body = { currentPassword: password, password: next };
    expect((await ask(app().url, "POST", "/auth/password/change", { token, body })).status).toBe(204);
    expect(await isConfirmed(app(), token)).toBe(false);
    const again = await ask(app().url, "POST", "/auth/login", { body: { email, password: next } });
    expect(await isConfirmed(app(), again.body.accessToken)).toBe(false);
  });

  test("that is not confirmed locks nothing but inviting: its owner changes settings and makes a further workspace", async () => {
    const { email, token } = await newcomer();
    expect((await ask(app().url, "PATCH", "/tenant", { token, body: { name: "Renamed" } })).status).toBe(200);
    expect((await signUp(app(), signUpOf({ email }))).status).toBe(201);
  });

  test("that is confirmed is not asked for again in the welcome to a further workspace", async () => {
    const { email } = await newcomer();
    await confirm(await confirmTokenFor(app(), email));
    await signUp(app(), signUpOf({ email }));
    const [first, second] = await mailsTo(app(), email);
    expect([first!.text.includes("#/confirm-email?"), second!.text.includes("#/confirm-email?")]).toEqual([
      true,
      false,
    ]);
  });
});

describe("a link that confirms an address", () => {
  test("is void after seven days, when altered, for another login or address, of another kind, and when made up", async () => {
    const [mine, other] = [await newcomer(), await newcomer()];
    const { config } = app().app.node;
    const owner = { userId: mine.userId, email: mine.email };
    const week = 7 * 86_400;
    const [, until, mac] = (await confirmTokenFor(app(), mine.email)).split(".");
    expect(Math.abs(Number(until) - Date.now() / 1_000 - week)).toBeLessThan(60);
    const wrong = [
      issueConfirmToken(config, owner, 0),
      issueConfirmToken({ AUTH_SECRETS: ["another secret that is long enough, too"] }, owner),
      issueConfirmToken(config, { ...owner, email: other.email }),
      issueResetToken(config, { userId: mine.userId, passwordHash: mine.email }),
      `${other.userId}.${until}.${mac}`,
      `${mine.userId}.${Number(until) + 1}.${mac}`,
      `${mine.userId}.${until}.`,
      `${mine.userId}.${until}`,
      "nonsense",
    ];
    for (const token of wrong) {
      const answer = await confirm(token);
      expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
      expect(answer.body.error).toMatchObject({
        message: "This link is no longer valid. Please sign in and have a new one sent.",
        details: { reason: "confirm_token" },
      });
    }
    expect(await isConfirmed(app(), mine.token)).toBe(false);
    expect((await confirm(issueConfirmToken(config, owner))).status).toBe(204);
  });

  test("chooses no password", async () => {
    const { email } = await newcomer();
    const body = { token: await confirmTokenFor(app(), email), password: next };
    const answer = await ask(app().url, "POST", "/auth/password/reset", { body });
    expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
  });

  test("is sent again to whoever is signed in, in words that nobody could choose, and works like the first", async () => {
    const person = await newcomer();
    await ask(app().url, "PATCH", "/me", { token: person.token, body: { name: "Visit evil.test" } });
    const answer = await resend(person.token);
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    const mails = await mailsTo(app(), person.email);
    expect(mails.map(({ kind }) => kind)).toEqual(["welcome", "email_confirmation"]);
    expect(JSON.stringify(mails)).not.toContain("evil");
    expect((await confirm(await confirmTokenFor(app(), person.email))).status).toBe(204);
    expect(await isConfirmed(app(), person.token)).toBe(true);
  });

  test("is not sent again once the address is confirmed", async () => {
    const person = await newcomer();
    await confirm(await confirmTokenFor(app(), person.email));
    const answer = await resend(person.token);
    expect(refusalOf(answer)).toEqual([409, "conflict"]);
    expect(answer.body.error.message).toBe("Your address is confirmed already.");
    expect(await mailsTo(app(), person.email)).toHaveLength(1);
  });

  test("is sent again about five times an hour at most, and the person is told so", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1" });
    const { email, token } = await newcomer(limited);
    const answers = [];
    for (let i = 0; i < 6; i += 1) answers.push(await resend(token, limited));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204, 429]);
    expect(refusalOf(answers.at(-1)!)).toEqual([429, "rate_limited"]);
    expect(Number(answers.at(-1)!.headers["retry-after"])).toBeGreaterThan(0);
    const kinds = (await mailsTo(limited, email)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "email_confirmation")).toHaveLength(5);
  });

  test("is sent once for one Idempotency-Key", async () => {
    const { email, token } = await newcomer();
    for (let i = 0; i < 2; i += 1)
      expect((await resend(token, app(), { "Idempotency-Key": `resend-${email}` })).status).toBe(204);
    expect(await mailsTo(app(), email)).toHaveLength(2);
  });
});
