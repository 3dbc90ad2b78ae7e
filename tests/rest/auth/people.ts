import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { TestApp } from "../../support/app.ts";
import { password } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, cookieOf, logInRaw } from "../requests.ts";
import type { Raw } from "../requests.ts";

/** Somebody signed in: what they hold. */
export type Person = { userId: string; email: string; token: string; cookie: string; sessionId: string };

export const holderOf = (answer: Raw): Person => {
  const { cookie } = cookieOf(answer)!;
  const { user, accessToken } = answer.body;
  return { userId: user.id, email: user.email, token: accessToken, cookie, sessionId: cookie.split(".")[1]! };
};

export const signIn = async (app: TestApp, email: string, tenant?: string): Promise<Person> => {
  const answer = await logInRaw(app.url, email, tenant === undefined ? {} : { tenant });
  expect(answer.status).toBe(200);
  return holderOf(answer);
};

/** A sign-up nobody else has made, with what `change` changes. */
export const signUpOf = (change: Record<string, unknown> = {}) => {
  const slug = `w-${randomUUID().slice(0, 13)}`;
  return {
    email: `owner@${slug}.test`,
    password,
    name: "Olive Orchard",
    workspace: { name: `Workspace ${slug}`, slug },
    ...change,
  };
};

export const signUp = (app: TestApp, body: unknown): Promise<Raw> => ask(app.url, "POST", "/auth/register", { body });

/** Makes somebody a member of another workspace too. */
export const joinTenant = (app: TestApp, to: TestTenant, userId: string, status = "active") =>
  app.superuser.query("INSERT INTO memberships (tenant_id, user_id, role, status) VALUES ($1, $2, 'agent', $3)", [
    to.id,
    userId,
    status,
  ]);

/** What is waiting to be mailed to an address, oldest first. */
export const mailsTo = async (
  app: TestApp,
  email: string,
): Promise<{ kind: string; subject: string; text: string; html: string }[]> =>
  (
    await app.superuser.query(
      "SELECT kind, subject, text, html FROM mails WHERE recipient = $1 ORDER BY created_at, id",
      [email.toLowerCase()],
    )
  ).rows;

/** The token of the newest link to a page that was mailed to an address. */
const mailedTokenFor = async (app: TestApp, email: string, page: string): Promise<string> => {
  const link = new RegExp(`#/${page}\\?(\\S+)`, "u");
  const links = (await mailsTo(app, email)).flatMap(({ text }) => link.exec(text)?.[1] ?? []);
  return new URLSearchParams(links.at(-1)).get("token")!;
};

export const resetTokenFor = (app: TestApp, email: string) => mailedTokenFor(app, email, "reset-password");
export const confirmTokenFor = (app: TestApp, email: string) => mailedTokenFor(app, email, "confirm-email");

/** Whether somebody has shown that the address of a login is theirs, as the login is told. */
export const isConfirmed = async (app: TestApp, token: string): Promise<boolean> =>
  (await ask(app.url, "GET", "/me", { token })).body.user.emailConfirmed;

/** Chooses a new password by a mailed link, as whoever reads the mail of the address. */
export const resetByMail = async (app: TestApp, email: string, secret: string): Promise<Raw> => {
  await ask(app.url, "POST", "/auth/password/forgot", { body: { email } });
  const body = { token: await resetTokenFor(app, email), password: secret };
  return ask(app.url, "POST", "/auth/password/reset", { body });
};

/** Status of an access token: 200, or 401 once its session has ended. */
export const statusOf = async (app: TestApp, token: string): Promise<number> =>
  (await ask(app.url, "GET", "/me", { token })).status;
