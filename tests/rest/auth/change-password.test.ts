import bcrypt from "bcrypt";
import { describe, expect, test, vi } from "vitest";
import { issueResetToken } from "../../../server/features/auth/reset-token.ts";
import { startApp, useApp } from "../../support/app.ts";
import { password } from "../../support/tenant.ts";
import { ask, auditOf, logInRaw, refreshWith, refusalOf } from "../requests.ts";
import { joinTenant, mailsTo, resetTokenFor, signIn, statusOf } from "./people.ts";

const app = useApp();

const next = "another long enough password";

const newPerson = async () => {
  const tenant = await app().tenant();
  const { id, email } = tenant.agents[0]!;
  return { tenant, id, email };
};
const logInWith = (email: string, secret: string) =>
  ask(app().url, "POST", "/auth/login", { body: { email, password: secret } });
const hashOf = async (id: string): Promise<string> =>
  (await app().superuser.query("SELECT password_hash FROM users WHERE id = $1", [id])).rows[0].password_hash;
const forgot = (email: string) => ask(app().url, "POST", "/auth/password/forgot", { body: { email } });
const reset = (token: string, secret = next) =>
  ask(app().url, "POST", "/auth/password/reset", { body: { token, password: secret } });

describe("changing one's password", () => {
  const change = (token: string, body: object) => ask(app().url, "POST", "/auth/password/change", { token, body });

  test("makes the new one count and ends every other session, in all workspaces", async () => {
    const { tenant, id, email } = await newPerson();
    const other = await app().tenant();
    await joinTenant(app(), other, id);
    const mine = await signIn(app(), email, tenant.slug);
    const others = [await signIn(app(), email, tenant.slug), await signIn(app(), email, other.slug)];
    expect((await change(mine.token, { currentPassword: password, password: next })).status).toBe(204);
    expect([(await logInWith(email, password)).status, (await logInWith(email, next)).status]).toEqual([401, 200]);
    expect(await statusOf(app(), mine.token)).toBe(200);
    expect((await refreshWith(app().url, mine.cookie)).status).toBe(200);
    for (const { token, cookie } of others) {
      expect(await statusOf(app(), token)).toBe(401);
      expect((await refreshWith(app().url, cookie)).status).toBe(401);
    }
    for (const where of [tenant, other])
      expect((await auditOf(app(), where)).filter(({ action }) => action === "password.change")).toMatchObject([
        { actor_id: id, target_id: id, before: null, after: { endedSessions: 1 } },
      ]);
    expect((await mailsTo(app(), email)).map(({ kind }) => kind)).toEqual(["password_changed"]);
  });

  test("takes the present one; with a wrong one nothing changes and the session stands", async () => {
    const { id, email } = await newPerson();
    const [mine, other] = [await signIn(app(), email), await signIn(app(), email)];
    const before = await hashOf(id);
    const answer = await change(mine.token, { currentPassword: "not the password", password: next });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
    expect(answer.body.error.details).toEqual({ reason: "credentials" });
    expect(await hashOf(id)).toBe(before);
    expect([await statusOf(app(), mine.token), await statusOf(app(), other.token)]).toEqual([200, 200]);
  });

  test("is done once for one Idempotency-Key, and answered as often as it is asked", async () => {
    const { tenant, email } = await newPerson();
    const { token } = await signIn(app(), email);
    const body = { currentPassword: password, password: next };
    for (let i = 0; i < 2; i += 1) {
      const headers = { "Idempotency-Key": `change-${email}` };
      expect((await ask(app().url, "POST", "/auth/password/change", { token, body, headers })).status).toBe(204);
    }
    expect((await auditOf(app(), tenant)).filter(({ action }) => action === "password.change")).toHaveLength(1);
  });

  test("refuses a new one past 72 bytes or under ten letters", async () => {
    const { email } = await newPerson();
    const { token } = await signIn(app(), email);
    for (const secret of ["x".repeat(73), "ü".repeat(37), "too short"])
      expect(refusalOf(await change(token, { currentPassword: password, password: secret }))).toEqual([
        400,
        "invalid_payload",
      ]);
  });

  test("counts wrong ones: a stolen session is no way to guess the password", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });
    const headers = { "X-Forwarded-For": "198.51.100.7" };
    const { email } = (await limited.tenant()).agents[0]!;
    const { accessToken: token } = (await logInRaw(limited.url, email, { headers })).body;
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1)
      statuses.push(
        (
          await ask(limited.url, "POST", "/auth/password/change", {
            token,
            headers,
            body: { currentPassword: `guess ${i}`, password: next },
          })
        ).status,
      );
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429]);
  });
});

describe("a forgotten password", () => {
  test("is replaced by a mailed link, which ends every session and signs nobody in", async () => {
    const { tenant, id, email } = await newPerson();
    const old = await signIn(app(), email);
    const agent = await app().agent(tenant, { token: () => old.token });
    const ended = agent.next<{ reason: string }>("session:ended");
    expect((await forgot(email.toUpperCase())).status).toBe(204);
    const answer = await reset(await resetTokenFor(app(), email));
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([204, undefined]);
    expect((await ended).reason).toBe("session_revoked");
    expect(await statusOf(app(), old.token)).toBe(401);
    expect([(await logInWith(email, password)).status, (await logInWith(email, next)).status]).toEqual([401, 200]);
    expect((await auditOf(app(), tenant)).filter(({ action }) => action === "password.reset")).toMatchObject([
      { actor_id: id, target_id: id, after: { endedSessions: 1 } },
    ]);
    expect((await mailsTo(app(), email)).map(({ kind }) => kind)).toEqual(["password_reset", "password_changed"]);
  });

  test("is answered alike for an address nobody has, which gets no mail", async () => {
    const { email } = await newPerson();
    const [known, unknown] = [await forgot(email), await forgot(`nobody-${email}`)];
    const shown = ({ status, body, headers }: typeof known) => ({ status, body, names: Object.keys(headers) });
    expect(shown(unknown)).toEqual(shown(known));
    expect(await mailsTo(app(), `nobody-${email}`)).toEqual([]);
  });

  test("is for somebody without a password, too", async () => {
    const { id, email } = await newPerson();
    await app().superuser.query("UPDATE users SET password_hash = NULL WHERE id = $1", [id]);
    await forgot(email);
    expect((await reset(await resetTokenFor(app(), email))).status).toBe(204);
    expect((await logInWith(email, next)).status).toBe(200);
  });

  test("does not keep the person waiting for the guesses before it", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });
    const headers = { "X-Forwarded-For": "198.51.100.8" };
    const { email } = (await limited.tenant()).agents[0]!;
    for (let i = 0; i < 11; i += 1) await logInRaw(limited.url, email, { wrong: true, headers });
    await ask(limited.url, "POST", "/auth/password/forgot", { headers, body: { email } });
    const body = { token: await resetTokenFor(limited, email), password };
    expect((await ask(limited.url, "POST", "/auth/password/reset", { headers, body })).status).toBe(204);
    expect((await logInRaw(limited.url, email, { headers })).status).toBe(200);
  });

  test("is mailed about five times an hour at most, whoever asks, with the same answer", async () => {
    const limited = await startApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });
    const { email } = (await limited.tenant()).agents[0]!;
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const headers = { "X-Forwarded-For": `198.51.101.${i}` };
        return (await ask(limited.url, "POST", "/auth/password/forgot", { headers, body: { email } })).status;
      }),
    );
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 204));
    expect(await mailsTo(limited, email)).toHaveLength(5);
  });
});

describe("a link to a new password", () => {
  const refused = async (token: string) => {
    const answer = await reset(token);
    expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
    return answer.body.error;
  };

  test("works once, and no other one sent before works after it", async () => {
    const { id, email } = await newPerson();
    await forgot(email);
    const earlier = await resetTokenFor(app(), email);
    await forgot(email);
    const later = await resetTokenFor(app(), email);
    expect((await reset(later)).status).toBe(204);
    const standing = await hashOf(id);
    for (const token of [later, earlier])
      expect(await refused(token)).toEqual({
        code: "unauthenticated",
        message: "This link is no longer valid. Please ask for a new one.",
        retryable: false,
        details: { reason: "reset_token" },
      });
    expect(await hashOf(id)).toBe(standing);
  });

  test("works once however many show it at the same moment", async () => {
    const { email } = await newPerson();
    await forgot(email);
    const token = await resetTokenFor(app(), email);
    const answers = await Promise.all(Array.from({ length: 4 }, (_, i) => reset(token, `${next} ${i}`)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(3);
    const place = statuses.indexOf(204);
    expect((await logInWith(email, `${next} ${place}`)).status).toBe(200);
  });

  test("is void after an hour, when altered, for another person, and when made up", async () => {
    const [mine, other] = [await newPerson(), await newPerson()];
    const owner = { userId: mine.id, passwordHash: await hashOf(mine.id) };
    const { config } = app().app.node;
    const [, until, mac] = issueResetToken(config, owner).split(".");
    const others = [
      issueResetToken(config, owner, 0),
      issueResetToken({ AUTH_SECRETS: ["another secret that is long enough, too"] }, owner),
      issueResetToken(config, { ...owner, passwordHash: "another" }),
      `${other.id}.${until}.${mac}`,
      `${mine.id}.${Number(until) + 1}.${mac}`,
      `${mine.id}.${until}.`,
      `${mine.id}.${until}`,
      "nonsense",
    ];
    for (const token of others) await refused(token);
    expect(await hashOf(mine.id)).toBe(owner.passwordHash);
    expect((await reset(issueResetToken(config, owner))).status).toBe(204);
  });

  test("costs no hash of a password when it is not valid", async () => {
    const hash = vi.spyOn(bcrypt, "hash");
    await refused("nonsense");
    expect(hash).not.toHaveBeenCalled();
    hash.mockRestore();
  });
});
