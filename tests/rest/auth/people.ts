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

/** The token of the newest link to a new password that was mailed to an address. */
export const resetTokenFor = async (app: TestApp, email: string): Promise<string> => {
  const links = (await mailsTo(app, email)).filter(({ kind }) => kind === "password_reset");
  return new URLSearchParams(/reset-password\?(\S+)/u.exec(links.at(-1)!.text)![1]).get("token")!;
};

/** Status of an access token: 200, or 401 once its session has ended. */
export const statusOf = async (app: TestApp, token: string): Promise<number> =>
  (await ask(app.url, "GET", "/me", { token })).status;
