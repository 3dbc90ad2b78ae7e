import { generateSecret, generateSync } from "otplib";
import { describe, expect, test } from "vitest";
import { seal, unseal } from "../../../server/features/auth/seal.ts";
import { startApp, useApp } from "../../support/app.ts";
import type { TestApp } from "../../support/app.ts";
import { testSettings } from "../../support/nodes.ts";
import { password } from "../../support/tenant.ts";
import { sleep } from "../../support/wait.ts";
import { actAs } from "../platform/support.ts";
import { ask, auditOf, cookieOf, logInRaw, refusalOf } from "../requests.ts";
import type { Raw } from "../requests.ts";
import { confirmTokenFor, holderOf, joinTenant, mailsTo, signIn, signUp, signUpOf } from "./people.ts";

const app = useApp();

/** The code of a number of steps from now. The app that is asked takes the steps beside the present one too. */
const codeOf = (secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * 30 });
/** Resolves when no step is about to end: a code from before it would be a step older when it arrives. */
const awayFromTheTurn = async (): Promise<void> => {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 8_000) await sleep(left);
};
const wrongCode = (secret: string): string => {
  const good = new Set([-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps)));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !good.has(code))!;
};

type Protected = {
  tenantId: string;
  slug: string;
  userId: string;
  email: string;
  token: string;
  secret: string;
  recoveryCodes: string[];
};

const post = (company: TestApp, path: string, token: string, body: object, headers?: Record<string, string>) =>
  ask(company.url, "POST", `/auth/totp/${path}`, { token, body, ...(headers && { headers }) });

/** Somebody who signs in with a second factor, and has used no code yet. */
const protectedPerson = async (company: TestApp = app()): Promise<Protected> => {
  const tenant = await company.tenant();
  const { id: userId, email } = tenant.agents[0]!;
  const { token } = await signIn(company, email);
  const { secret } = (await post(company, "setup", token, { password })).body;
  const { recoveryCodes } = (await post(company, "confirm", token, { code: codeOf(secret) })).body;
  return { tenantId: tenant.id, slug: tenant.slug, userId, email, token, secret, recoveryCodes };
};

const logIn = (email: string, code?: string, company: TestApp = app(), headers: Record<string, string> = {}) =>
  ask(company.url, "POST", "/auth/login", { body: { email, password, ...(code !== undefined && { code }) }, headers });
const reasonOf = (answer: Raw) => [...refusalOf(answer), answer.body.error.details.reason];
const rowOf = async (userId: string) =>
  (await app().superuser.query("SELECT * FROM users WHERE id = $1", [userId])).rows[0];

describe("setting up a second factor", () => {
  test("begins with a secret for the app, and asks for codes once one was shown", async () => {
    const tenant = await app().tenant();
    const { id, email } = tenant.agents[0]!;
    const { token } = await signIn(app(), email);
    const { secret, uri } = (await post(app(), "setup", token, { password })).body;
    expect(uri).toMatch(/^otpauth:\/\/totp\/Parley:/u);
    expect(new URL(uri).searchParams.get("secret")).toBe(secret);
    expect((await logIn(email)).status).toBe(200);
    expect(reasonOf(await post(app(), "confirm", token, { code: wrongCode(secret) }))).toEqual([
      403,
      "permission_denied",
      "code",
    ]);
    const confirmed = await post(app(), "confirm", token, { code: codeOf(secret) });
    expect(confirmed.status).toBe(200);
    expect(new Set(confirmed.body.recoveryCodes).size).toBe(10);
    expect((await ask(app().url, "GET", "/me", { token })).body.user).toMatchObject({
      secondFactor: true,
      recoveryCodesLeft: 10,
    });
    expect((await auditOf(app(), tenant)).map(({ action }) => action)).toContain("totp.confirm");
    expect((await mailsTo(app(), email)).map(({ kind }) => kind)).toEqual(["second_factor_changed"]);
    const row = JSON.stringify(await rowOf(id));
    expect(row).not.toContain(secret);
    for (const code of confirmed.body.recoveryCodes) expect(row).not.toContain(code);
    expect(JSON.stringify(await auditOf(app(), tenant))).not.toContain(secret);
  });

  test("takes an address that its owner has confirmed: whoever signs up with another's can't lock it", async () => {
    const { token, userId, email } = holderOf(await signUp(app(), signUpOf()));
    const refusals = [
      await post(app(), "setup", token, { password }),
      await post(app(), "confirm", token, { code: "123456" }),
    ];
    expect(refusals.map(refusalOf)).toEqual([
      [409, "conflict"],
      [409, "conflict"],
    ]);
    expect(refusals[0]!.body.error.details).toEqual({ reason: "email_unconfirmed" });
    expect((await rowOf(userId)).totp_secret).toBeNull();
    await ask(app().url, "POST", "/auth/email/confirm", { body: { token: await confirmTokenFor(app(), email) } });
    expect((await post(app(), "setup", token, { password })).status).toBe(200);
  });

  test("takes the password once more", async () => {
    const { id, email } = (await app().tenant()).agents[0]!;
    const { token } = await signIn(app(), email);
    expect(reasonOf(await post(app(), "setup", token, { password: "not the password" }))).toEqual([
      403,
      "permission_denied",
      "credentials",
    ]);
    expect((await rowOf(id)).totp_secret).toBeNull();
  });

  test("is a conflict where one is set up, and nothing is confirmed or disabled where none is", async () => {
    const { token, secret, userId } = await protectedPerson();
    const before = await rowOf(userId);
    expect(refusalOf(await post(app(), "setup", token, { password }))).toEqual([409, "conflict"]);
    expect(refusalOf(await post(app(), "confirm", token, { code: codeOf(secret) }))).toEqual([409, "conflict"]);
    expect(await rowOf(userId)).toEqual(before);
    const other = await signIn(app(), (await app().tenant()).agents[0]!.email);
    const body = { password, code: "123456" };
    for (const [path, proof] of [
      ["confirm", { code: "123456" }],
      ["disable", body],
      ["recovery-codes", body],
    ] as const)
      expect(refusalOf(await post(app(), path, other.token, proof))).toEqual([409, "conflict"]);
  });
});

describe("signing in with a second factor", () => {
  test("asks for a code after the right password only, and lets nobody in without one", async () => {
    const { email, secret } = await protectedPerson();
    const asked = await logIn(email);
    expect(reasonOf(asked)).toEqual([401, "unauthenticated", "code_required"]);
    expect(cookieOf(asked)).toBeUndefined();
    expect(reasonOf(await logInRaw(app().url, email, { wrong: true }))).toEqual([
      401,
      "unauthenticated",
      "credentials",
    ]);
    expect(reasonOf(await logIn(email, wrongCode(secret)))).toEqual([401, "unauthenticated", "code"]);
    expect((await logIn(email, codeOf(secret))).status).toBe(200);
  });

  test("takes each code once, and none from before the last one taken", async () => {
    const { email, secret } = await protectedPerson();
    const code = codeOf(secret);
    expect((await logIn(email, code)).status).toBe(200);
    expect(reasonOf(await logIn(email, code))).toEqual([401, "unauthenticated", "code"]);
    expect(reasonOf(await logIn(email, codeOf(secret, -1)))).toEqual([401, "unauthenticated", "code"]);
    expect((await logIn(email, codeOf(secret, 1))).status).toBe(200);
  });

  test("takes a code once, however many show it at the same moment", async () => {
    const { email, secret, recoveryCodes } = await protectedPerson();
    for (const code of [codeOf(secret), recoveryCodes[0]!]) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => logIn(email, code)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    }
  });

  test("takes the codes of phones half a minute off, and spaces within", async () => {
    const { email, secret, userId } = await protectedPerson();
    for (const steps of [-1, 1]) {
      await awayFromTheTurn();
      await app().superuser.query("UPDATE users SET totp_last_step = NULL WHERE id = $1", [userId]);
      const code = codeOf(secret, steps);
      expect((await logIn(email, `${code.slice(0, 3)} ${code.slice(3)}`)).status).toBe(200);
    }
    expect(reasonOf(await logIn(email, codeOf(secret, 4)))).toEqual([401, "unauthenticated", "code"]);
  });

  test("takes a recovery code instead, once", async () => {
    const { email, recoveryCodes, token } = await protectedPerson();
    const [code] = recoveryCodes;
    expect((await logIn(email, ` ${code!.toUpperCase()} `)).status).toBe(200);
    expect(reasonOf(await logIn(email, code))).toEqual([401, "unauthenticated", "code"]);
    expect((await ask(app().url, "GET", "/me", { token })).body.user.recoveryCodesLeft).toBe(9);
  });

  test("holds at every door: a further workspace is not made without a code", async () => {
    const { email, secret } = await protectedPerson();
    const body = signUpOf({ email });
    expect(reasonOf(await signUp(app(), body))).toEqual([401, "unauthenticated", "code_required"]);
    expect((await signUp(app(), { ...body, code: codeOf(secret) })).status).toBe(201);
  });

  test("holds after a new password by mail, too", async () => {
    const { email, userId } = await protectedPerson();
    await app().superuser.query("UPDATE users SET password_changed_at = now() WHERE id = $1", [userId]);
    await ask(app().url, "POST", "/auth/password/forgot", { body: { email } });
    const link = (await mailsTo(app(), email)).find(({ kind }) => kind === "password_reset")!;
    const token = decodeURIComponent(/token=(\S+)/u.exec(link.text)![1]!);
    await ask(app().url, "POST", "/auth/password/reset", { body: { token, password } });
    expect(reasonOf(await logIn(email))).toEqual([401, "unauthenticated", "code_required"]);
  });
});

describe("guessing codes", () => {
  test("ends after ten wrong ones, from however many addresses", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });
    const { email, secret } = await protectedPerson(limited);
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1)
      statuses.push((await logIn(email, wrongCode(secret), limited, { "X-Forwarded-For": `192.0.2.${i}` })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const held = await logIn(email, codeOf(secret), limited, { "X-Forwarded-For": "192.0.2.99" });
    expect(refusalOf(held)).toEqual([429, "rate_limited"]);
  });

  test("from one address counts as wrong passwords do, and asking for the code does not", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });
    const headers = { "X-Forwarded-For": "198.51.102.1" };
    const { email, secret } = await protectedPerson(limited);
    for (let i = 0; i < 15; i += 1) expect((await logIn(email, undefined, limited, headers)).status).toBe(401);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      statuses.push((await logIn(email, wrongCode(secret), limited, headers)).status);
      statuses.push((await logInRaw(limited.url, email, { wrong: true, headers })).status);
    }
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 401));
    expect((await logIn(email, codeOf(secret), limited, headers)).status).toBe(429);
  });

  test("keeps out nobody who knows no password: wrong passwords from elsewhere cost the person nothing", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });
    const { email, secret } = await protectedPerson(limited);
    for (let i = 0; i < 12; i += 1)
      await logInRaw(limited.url, email, { wrong: true, headers: { "X-Forwarded-For": "198.51.103.1" } });
    expect((await logIn(email, codeOf(secret), limited, { "X-Forwarded-For": "198.51.103.2" })).status).toBe(200);
  });
});

describe("a second factor is turned off, and recovery codes are traded,", () => {
  test("by password and code; a wrong one of either changes nothing", async () => {
    const { email, token, secret, userId } = await protectedPerson();
    const before = await rowOf(userId);
    for (const path of ["disable", "recovery-codes"]) {
      const wrong = { password: "not the password", code: codeOf(secret) };
      expect(reasonOf(await post(app(), path, token, wrong))).toEqual([403, "permission_denied", "credentials"]);
      expect(reasonOf(await post(app(), path, token, { password, code: wrongCode(secret) }))).toEqual([
        403,
        "permission_denied",
        "code",
      ]);
    }
    expect(await rowOf(userId)).toEqual(before);
    expect((await post(app(), "disable", token, { password, code: codeOf(secret) })).status).toBe(204);
    expect(await rowOf(userId)).toMatchObject({ totp_secret: null, totp_confirmed_at: null, recovery_hashes: [] });
    expect((await logIn(email)).status).toBe(200);
  });

  test("and the traded ones are void", async () => {
    const { email, token, secret, recoveryCodes } = await protectedPerson();
    const answer = await post(app(), "recovery-codes", token, { password, code: codeOf(secret) });
    expect(answer.status).toBe(200);
    expect(reasonOf(await logIn(email, recoveryCodes[0]))).toEqual([401, "unauthenticated", "code"]);
    expect((await logIn(email, answer.body.recoveryCodes[0])).status).toBe(200);
  });
});

test("the second factor is the person's, in whichever workspace they sign in", async () => {
  const { email, secret, userId } = await protectedPerson();
  const other = await app().tenant();
  await joinTenant(app(), other, userId);
  const attempt = (code?: string) =>
    ask(app().url, "POST", "/auth/login", { body: { email, password, tenant: other.slug, ...(code && { code }) } });
  expect((await attempt()).status).toBe(401);
  expect((await attempt(codeOf(secret))).status).toBe(200);
});

test("while secrets are rotated a secret of the older one is read, and written anew for the time after it", async () => {
  const newer = "a newer secret for tests that is long enough";
  const rotating = await startApp({ AUTH_SECRETS: `${newer},${testSettings.AUTH_SECRETS}` });
  const { id, email } = (await rotating.tenant()).agents[0]!;
  const secret = generateSecret();
  const purpose = `totp:${id}`;
  await rotating.superuser.query("UPDATE users SET totp_secret = $2, totp_confirmed_at = now() WHERE id = $1", [
    id,
    seal({ AUTH_SECRETS: [testSettings.AUTH_SECRETS] }, purpose, secret),
  ]);
  expect((await logIn(email, codeOf(secret), rotating)).status).toBe(200);
  const { rows } = await rotating.superuser.query("SELECT totp_secret FROM users WHERE id = $1", [id]);
  expect(unseal({ AUTH_SECRETS: [newer] }, purpose, rows[0].totp_secret)).toBe(secret);
  expect((await logIn(email, codeOf(secret, 1), rotating)).status).toBe(200);
});

test("a password is changed by a code too, where a second factor is on, and by none where it is off", async () => {
  const { token, userId, email, recoveryCodes } = await protectedPerson();
  const change = (more: object) =>
    ask(app().url, "POST", "/auth/password/change", {
      token,
      body: { currentPassword: password, password: "another long enough password", ...more },
    });
  const before = await rowOf(userId);
  expect(reasonOf(await change({}))).toEqual([403, "permission_denied", "code_required"]);
  expect(reasonOf(await change({ code: "not a code" }))).toEqual([403, "permission_denied", "code"]);
  expect(await rowOf(userId)).toEqual(before);
  expect((await change({ code: recoveryCodes[0] })).status).toBe(204);
  expect((await rowOf(userId)).totp_confirmed_at).toEqual(before.totp_confirmed_at);
  expect((await logInRaw(app().url, email)).status).toBe(401);
});

describe("one of Parley's staff who acts as a member", () => {
  test("can't touch the member's credentials or sessions, even where they may write", async () => {
    const tenant = await app().tenant();
    const { id, email } = tenant.agents[0]!;
    const member = await signIn(app(), email);
    const { accessToken: token } = await actAs(app(), tenant, { userId: id, write: true });
    const proof = { password, code: "123456" };
    const attempts: [method: string, path: string, body?: object][] = [
      ["POST", "/auth/password/change", { currentPassword: password, password: "another long enough password" }],
      ["POST", "/auth/totp/setup", { password }],
      ["POST", "/auth/totp/confirm", { code: "123456" }],
      ["POST", "/auth/totp/recovery-codes", proof],
      ["POST", "/auth/totp/disable", proof],
      ["POST", "/auth/switch-tenant", { tenant: tenant.slug }],
      ["POST", "/auth/logout-everywhere"],
      ["POST", "/auth/sessions/revoke-others"],
      ["GET", "/auth/sessions"],
      ["DELETE", `/auth/sessions/${member.sessionId}`],
      ["PATCH", "/me", { name: "Mallory" }],
    ];
    const before = await rowOf(id);
    for (const [method, path, body] of attempts)
      expect([path, ...refusalOf(await ask(app().url, method, path, { token, body }))]).toEqual([
        path,
        403,
        "permission_denied",
      ]);
    expect(await rowOf(id)).toEqual(before);
    expect((await ask(app().url, "GET", "/me", { token: member.token })).status).toBe(200);
  });
});
