import { expect } from "vitest";
import type { Invitation } from "../../../server/contract/people-routes.ts";
import type { TestApp } from "../../support/app.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { ask, tokenFor } from "../requests.ts";

export type WrittenMail = {
  kind: string;
  recipient: string;
  subject: string;
  text: string;
  html: string;
  sent_at: Date | null;
};

/** The mails of a tenant, oldest first. */
export const mailsOf = async ({ superuser }: TestApp, tenant: TestTenant, to?: string): Promise<WrittenMail[]> => {
  const { rows } = await superuser.query<WrittenMail>(
    "SELECT * FROM mails WHERE tenant_id = $1 AND ($2::text IS NULL OR recipient = $2) ORDER BY created_at, id",
    [tenant.id, to ?? null],
  );
  return rows;
};

/** The token a mail's link carries, behind the `#` where no server sees it. */
export const tokenOf = ({ text, html }: Pick<WrittenMail, "text" | "html">): string => {
  const [, token] = /\/desktop\/#\/invitation\?token=([\w.-]+)/u.exec(text) ?? [];
  expect(token).toBeTruthy();
  expect(html).toContain(`token=${token}`);
  return token!;
};

type Invited = { email: string; role?: string; departmentIds?: string[]; by?: TestAgent };

/** Invites somebody, and reads the token out of their mail. */
export const invite = async (
  app: TestApp,
  tenant: TestTenant,
  { email, role = "agent", departmentIds, by }: Invited,
): Promise<{ invitation: Invitation; token: string }> => {
  const { status, body } = await ask(app.url, "POST", "/invitations", {
    token: await tokenFor(app, tenant, by),
    body: { email, role, ...(departmentIds && { departmentIds }) },
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return { invitation: body.invitation, token: tokenOf((await mailsOf(app, tenant, email)).at(-1)!) };
};

export const customRole = ({ superuser }: TestApp, { id }: TestTenant, key: string, permissions: string[]) =>
  superuser.query("INSERT INTO roles (tenant_id, key, name, permissions) VALUES ($1, $2, $2, $3)", [
    id,
    key,
    permissions,
  ]);

/** Has a member hold a role, whatever it is. */
export const giveRole = ({ superuser }: TestApp, { id }: TestTenant, agent: TestAgent, role: string) =>
  superuser.query("UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND user_id = $2", [id, agent.id, role]);

/** Seats in use: active members and invitations that can still be accepted. */
export const seatsOf = async ({ superuser }: TestApp, { id }: TestTenant): Promise<number> => {
  const { rows } = await superuser.query<{ seats: number }>(
    `SELECT (SELECT count(*) FROM memberships WHERE tenant_id = $1 AND status = 'active')::int +
       (SELECT count(*) FROM invitations WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now())::int AS seats`,
    [id],
  );
  return rows[0]!.seats;
};
