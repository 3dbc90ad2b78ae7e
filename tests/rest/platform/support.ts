import { randomUUID } from "node:crypto";
import type * as v from "valibot";
import { type Routes, routes } from "../../../server/contract/admin.ts";
import type { RouteSpec } from "../../../server/contract/define.ts";
import { platformRoles } from "../../../server/contract/permissions.ts";
import { breachOf } from "../../socket/support/exact.ts";
import type { TestApp } from "../../support/app.ts";
import { openSession } from "../../support/tenant.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { ask } from "../requests.ts";
import type { Raw } from "../requests.ts";

type Asked = { token?: string | undefined; params?: Record<string, string>; query?: string; body?: unknown };
export type AnswerOf<K extends keyof Routes> = Routes[K] extends { response: infer S extends v.GenericSchema<any, any> }
  ? v.InferOutput<S>
  : undefined;

/** One request as its route declares it, carried out or refused. */
export const request = ({ url }: Pick<TestApp, "url">, name: keyof Routes, asked: Asked = {}): Promise<Raw> => {
  const { method, path }: RouteSpec = routes[name];
  const filled = path.replace(/:(\w+)/gu, (_whole, param: string) => asked.params![param]!);
  return ask(url, method, `${filled}${asked.query ?? ""}`, { token: asked.token, body: asked.body });
};

/** One request that is carried out; its answer is held against the contract. Throws where it is not. */
export const call = async <K extends keyof Routes>(
  app: Pick<TestApp, "url">,
  name: K,
  asked: Asked = {},
): Promise<AnswerOf<K>> => {
  const { status, body } = await request(app, name, asked);
  const spec: RouteSpec = routes[name];
  if (status !== spec.status) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
  const breach = spec.response && breachOf(spec.response, body);
  if (breach) throw new Error(`The answer to ${name} breaks the contract: ${breach}`);
  return body;
};

export type Staff = { home: TestTenant; member: TestAgent; token: string };

/** One of Parley's own staff, in a workspace of Parley's own: all share one per database. */
export const staffOf = async (
  { superuser }: Pick<TestApp, "superuser">,
  role: keyof typeof platformRoles = "super_admin",
  name = "Rosa",
): Promise<Staff> => {
  const { rows } = await superuser.query<{ id: string }>("SELECT id FROM tenants WHERE kind = 'platform'");
  const id = rows[0]?.id ?? randomUUID();
  if (!rows[0]) {
    await superuser.query(
      "INSERT INTO tenants (id, slug, name, kind, plan) VALUES ($1, 'parley-staff', 'Parley', 'platform', 'enterprise')",
      [id],
    );
    await superuser.query(
      "INSERT INTO roles (tenant_id, key, name, built_in) SELECT $1, key, key, true FROM unnest($2::text[]) AS key",
      [id, Object.keys(platformRoles)],
    );
  }
  const member = { id: randomUUID(), email: `${randomUUID()}@parley.test`, name, role: "agent" as const };
  await superuser.query("INSERT INTO users (id, email, name) VALUES ($1, $2, $3)", [member.id, member.email, name]);
  await superuser.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, $3)", [
    id,
    member.id,
    role,
  ]);
  const home = { id, slug: "parley-staff", name: "Parley", agents: [member] } as unknown as TestTenant;
  return { home, member, token: await openSession(superuser, home, member) };
};

/** One of Parley's staff acting as a member, an admin unless another is named; to look only, unless `write`. */
export const actAs = async (
  app: Pick<TestApp, "url" | "superuser">,
  { id: tenantId }: Pick<TestTenant, "id">,
  { staff, ...more }: { userId?: string; write?: boolean; staff?: Staff } = {},
): Promise<AnswerOf<"impersonation/create"> & { staff: Staff }> => {
  const who = staff ?? (await staffOf(app));
  const body = { tenantId, reason: "A conversation does not load.", minutes: 60, ...more };
  return { ...(await call(app, "impersonation/create", { token: who.token, body })), staff: who };
};

/** The mails written for a recipient, oldest first. */
export const mailsTo = async ({ superuser }: TestApp, email: string): Promise<any[]> =>
  (await superuser.query("SELECT * FROM mails WHERE recipient = $1 ORDER BY created_at, id", [email])).rows;
