import bcrypt from "bcrypt";
import { generateSync } from "otplib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { useApp } from "../../support/app.ts";
import { password } from "../../support/tenant.ts";
import { invite } from "../invitation/support.ts";
import { ask, auditOf, cookieOf, logInRaw, refreshWith, refusalOf } from "../requests.ts";
import type { Raw } from "../requests.ts";
import { confirmTokenFor, holderOf, joinTenant, mailsTo, resetByMail, signUp, signUpOf, statusOf } from "./people.ts";

const app = useApp();

const next = "another long enough password";

const post = (path: string, body: object, token?: string) => ask(app().url, "POST", path, { token, body });
const logIn = (email: string, secret: string) => post("/auth/login", { email, password: secret });
const rowOf = async (userId: string) =>
  (await app().superuser.query("SELECT * FROM users WHERE id = $1", [userId])).rows[0];

/** Somebody who signed up and confirmed their address. */
const newcomer = async () => {
  const answer = await signUp(app(), signUpOf());
  const person = { ...holderOf(answer), tenant: answer.body.tenant };
  await post("/auth/email/confirm", { token: await confirmTokenFor(app(), person.email) });
  return person;
};

/** The same with a second factor. */
const protectedNewcomer = async () => {
  const person = await newcomer();
  const { secret } = (await post("/auth/totp/setup", { password }, person.token)).body;
  const { recoveryCodes } = (await post("/auth/totp/confirm", { code: generateSync({ secret }) }, person.token)).body;
  return { ...person, recoveryCodes: recoveryCodes as string[] };
};

describe("a new password by mail, where the address was confirmed before,", () => {
  test("leaves the second factor and its recovery codes as they are, and says nothing of them", async () => {
    const person = await protectedNewcomer();
    const { totp_secret, totp_confirmed_at, totp_last_step, recovery_hashes } = await rowOf(person.userId);
    expect([typeof totp_secret, recovery_hashes.length]).toEqual(["string", person.recoveryCodes.length]);
    expect((await resetByMail(app(), person.email, next)).status).toBe(204);
    expect(await rowOf(person.userId)).toMatchObject({
      totp_secret,
      totp_confirmed_at,
      totp_last_step,
      recovery_hashes,
      email_confirmed_at: expect.any(Date),
    });
    for (const { text } of (await mailsTo(app(), person.email)).slice(-2)) expect(text).not.toContain("second factor");
    const [event] = (await auditOf(app(), person.tenant)).filter(({ action }) => action === "password.reset");
    expect(event.after).toEqual({ endedSessions: 1 });
  });

  test("opens nothing without a code, and a recovery code from before works", async () => {
    const { email, token, cookie, recoveryCodes } = await protectedNewcomer();
    await resetByMail(app(), email, next);
    const without = await logIn(email, next);
    expect([...refusalOf(without), without.body.error.details.reason]).toEqual([
      401,
      "unauthenticated",
      "code_required",
    ]);
    const old = await post("/auth/login", { email, password, code: recoveryCodes[0] });
    expect([...refusalOf(old), old.body.error.details.reason]).toEqual([401, "unauthenticated", "credentials"]);
    expect(await statusOf(app(), token)).toBe(401);
    expect((await refreshWith(app().url, cookie)).status).toBe(401);
    const withCode = await post("/auth/login", { email, password: next, code: recoveryCodes[0] });
    expect(withCode.status).toBe(200);
  });
});

test("a new password by mail, where nobody had confirmed the address, ends a second factor and the API keys of before", async () => {
  const { email, userId, token, tenant } = await protectedNewcomer();
  const key = await ask(app().url, "POST", "/api-keys", {
    token,
    body: { name: "Mine", permissions: ["tenant.read"] },
  });
  expect(key.status).toBe(201);
  // As it stands where somebody set it up before an address had to be confirmed for that.
  await app().superuser.query("UPDATE users SET email_confirmed_at = NULL WHERE id = $1", [userId]);
  expect((await resetByMail(app(), email, next)).status).toBe(204);
  expect(await rowOf(userId)).toMatchObject({
    totp_secret: null,
    totp_confirmed_at: null,
    recovery_hashes: [],
    email_confirmed_at: expect.any(Date),
  });
  expect((await logIn(email, next)).body.tenant.id).toBe(tenant.id);
  expect(refusalOf(await ask(app().url, "GET", "/tenant", { token: key.body.key }))).toEqual([401, "unauthenticated"]);
});

test("an address somebody else had signed up with is its owner's again, who joins by an invitation", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const squatter = holderOf(await signUp(app(), signUpOf()));
  const { token } = await invite(app(), tenant, { email: squatter.email });
  await resetByMail(app(), squatter.email, next);
  const joined = await post("/invitations/accept", { token, password: next });
  expect(joined).toMatchObject({ status: 201, body: { tenant: { id: tenant.id } } });
  // Of the one before nothing opens anything any more.
  expect(await statusOf(app(), squatter.token)).toBe(401);
  expect((await refreshWith(app().url, squatter.cookie)).status).toBe(401);
  expect((await logInRaw(app().url, squatter.email)).status).toBe(401);
});

/** Keeps what `hold` waits for from going on until `release`; `reached` resolves as soon as it waits. */
const gate = () => {
  let arrive = () => {};
  let release = () => {};
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const open = new Promise<void>((resolve) => (release = resolve));
  const hold = () => {
    arrive();
    return open;
  };
  return { reached, release: () => release(), hold };
};

describe("what was on its way when the password was changed", () => {
  /** Lets a request by the old password get past the comparison, changes the password, and lets the request go on. */
  const overtake = async (email: string, request: () => Promise<Raw>): Promise<Raw> => {
    const { reached, release, hold } = gate();
    const compare = bcrypt.compare.bind(bcrypt);
    const spy = vi.spyOn(bcrypt, "compare").mockImplementationOnce((async (text: string, hash: string) => {
      const same = await compare(text, hash);
      await hold();
      return same;
    }) as never);
    onTestFinished(() => spy.mockRestore());
    const asked = request();
    await reached;
    expect((await resetByMail(app(), email, next)).status).toBe(204);
    release();
    return asked;
  };
  const sessionsOf = async (userId: string) =>
    (await app().superuser.query("SELECT FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", [userId])).rowCount;

  const doors: [string, (email: string) => Promise<() => Promise<Raw>>][] = [
    ["a sign-in", async (email) => () => logIn(email, password)],
    ["a sign-up for a further workspace", async (email) => () => signUp(app(), signUpOf({ email }))],
    [
      "an invitation that is accepted",
      async (email) => {
        const tenant = await app().tenant({ roles: ["tenant_admin"] });
        const { token } = await invite(app(), tenant, { email });
        return () => post("/invitations/accept", { token, password });
      },
    ],
  ];

  test.each(doors)("%s by the old one is refused, and begins no session", async (_what, prepare) => {
    const { email, userId } = holderOf(await signUp(app(), signUpOf()));
    const answer = await overtake(email, await prepare(email));
    expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
    expect(cookieOf(answer)).toBeUndefined();
    expect(await sessionsOf(userId)).toBe(0);
  });

  test.each([
    ["before the login is read", "login"],
    ["before the session is written", "session"],
  ])("a change of the workspace begins no session, overtaken %s", async (_when, place) => {
    const { email, userId, token } = holderOf(await signUp(app(), signUpOf()));
    const other = await app().tenant();
    await joinTenant(app(), other, userId);
    const { directory, tenancy } = app().app.node;
    const { findLoginById } = directory;
    const { withTenant } = tenancy;
    const { reached, release, hold } = gate();
    let held = false;
    const holdOnce = async (here: boolean) => {
      if (held || !here) return;
      held = true;
      await hold();
    };
    const spies = [
      vi.spyOn(directory, "findLoginById").mockImplementation(async (id) => {
        await holdOnce(place === "login");
        return findLoginById(id);
      }),
      vi.spyOn(tenancy, "withTenant").mockImplementation(async (id, work, urgent) => {
        await holdOnce(place === "session" && id === other.id);
        return withTenant(id, work, urgent);
      }),
    ];
    onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
    const asked = post("/auth/switch-tenant", { tenant: other.slug }, token);
    await reached;
    expect((await resetByMail(app(), email, next)).status).toBe(204);
    release();
    expect(refusalOf(await asked)).toEqual([401, "unauthenticated"]);
    expect(await sessionsOf(userId)).toBe(0);
  });

  test("a session that has begun in a workspace the change did not know of yet ends with the others", async () => {
    const { email, userId, token } = holderOf(await signUp(app(), signUpOf()));
    const { directory } = app().app.node;
    const { listTenantsOf } = directory;
    const { reached, release, hold } = gate();
    const spy = vi.spyOn(directory, "listTenantsOf").mockImplementationOnce(async (id) => {
      const ids = await listTenantsOf(id);
      await hold();
      return ids;
    });
    onTestFinished(() => spy.mockRestore());
    const changed = post("/auth/password/change", { currentPassword: password, password: next }, token);
    await reached;
    const further = await signUp(app(), signUpOf({ email }));
    expect(further.status).toBe(201);
    release();
    expect((await changed).status).toBe(204);
    expect(await statusOf(app(), further.body.accessToken)).toBe(401);
    expect((await refreshWith(app().url, cookieOf(further)!.cookie)).status).toBe(401);
    expect([await statusOf(app(), token), await sessionsOf(userId)]).toEqual([200, 1]);
    const noted = (await auditOf(app(), further.body.tenant)).filter(({ action }) => action === "password.change");
    expect(noted).toMatchObject([{ after: { endedSessions: 1 } }]);
  });

  test("a second factor that is set up is not written", async () => {
    const { email, userId, token } = await newcomer();
    const answer = await overtake(email, () => post("/auth/totp/setup", { password }, token));
    expect(refusalOf(answer)).toEqual([409, "conflict"]);
    expect((await rowOf(userId)).totp_secret).toBeNull();
  });

  test.each(["before", "after"])(
    "a second factor that was begun is not turned on, overtaken %s the login is read",
    async (when) => {
      const { email, userId, token } = await newcomer();
      const { secret } = (await post("/auth/totp/setup", { password }, token)).body;
      const { directory } = app().app.node;
      const { findLoginById } = directory;
      const { reached, release, hold } = gate();
      const spy = vi.spyOn(directory, "findLoginById").mockImplementationOnce(async (id) => {
        if (when === "before") await hold();
        const login = await findLoginById(id);
        if (when === "after") await hold();
        return login;
      });
      onTestFinished(() => spy.mockRestore());
      const asked = post("/auth/totp/confirm", { code: generateSync({ secret }) }, token);
      await reached;
      expect((await resetByMail(app(), email, next)).status).toBe(204);
      release();
      expect(refusalOf(await asked)).toEqual([409, "conflict"]);
      expect(await rowOf(userId)).toMatchObject({ totp_secret: null, totp_confirmed_at: null, recovery_hashes: [] });
      expect((await logIn(email, next)).status).toBe(200);
    },
  );
});
