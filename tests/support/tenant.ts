import { randomBytes, randomUUID } from "node:crypto";
import bcrypt from "bcrypt";
import type pg from "pg";
import { roles as builtIn, type Role } from "../../server/contract/permissions.ts";
import type { PlanName } from "../../server/contract/plans.ts";
import type { Strategy } from "../../server/contract/routing.ts";
import { createTokens } from "../../server/tokens.ts";
import { testSettings } from "./nodes.ts";

export const password = "a long enough password";
// The least cost: these tests are about what comes after the password.
const passwordHash = bcrypt.hashSync(password, 4);

export type TestAgent = { id: string; email: string; name: string; role: Role };

/** A customer company of one test's own, with everything a conversation needs. */
export type TestTenant = {
  id: string;
  slug: string;
  name: string;
  departmentId: string;
  inbox: { id: string; key: string; origin: string; identitySecret: string };
  agents: TestAgent[];
};

export type TenantOptions = {
  /** One agent per role named; default one `agent`. */
  roles?: Role[];
  capacity?: number;
  /** `manual` leaves conversations in the queue until an agent takes them. */
  strategy?: Strategy;
  /** Default `enterprise`, which limits nothing. */
  plan?: PlanName;
};

/**
 * Writes a tenant straight into the tables, as the superuser: its tests do not depend on the features that would make one.
 * All its agents belong to the department its inbox routes to.
 */
export const createTenant = async (
  superuser: pg.Pool | pg.Client,
  { roles = ["agent"], capacity = 1_000, strategy = "manual", plan = "enterprise" }: TenantOptions = {},
): Promise<TestTenant> => {
  const [id, departmentId, inboxId] = [randomUUID(), randomUUID(), randomUUID()];
  const slug = `t-${id.slice(0, 13)}`;
  const tenant: TestTenant = {
    id,
    slug,
    name: `Tenant ${slug}`,
    departmentId,
    inbox: {
      id: inboxId,
      key: `key-${slug}`,
      origin: `https://${slug}.test`,
      identitySecret: randomBytes(32).toString("base64url"),
    },
    agents: [],
  };
  await superuser.query("INSERT INTO tenants (id, slug, name, plan) VALUES ($1, $2, $3, $4)", [
    id,
    slug,
    tenant.name,
    plan,
  ]);
  await superuser.query(
    "INSERT INTO roles (tenant_id, key, name, built_in) SELECT $1, key, key, true FROM unnest($2::text[]) AS key",
    [id, builtIn],
  );
  await superuser.query("INSERT INTO departments (tenant_id, id, name, strategy) VALUES ($1, $2, 'Support', $3)", [
    id,
    departmentId,
    strategy,
  ]);
  const { inbox } = tenant;
  await superuser.query(
    `INSERT INTO inboxes (tenant_id, id, key, name, allowed_origins, identity_secrets, department_id)
     VALUES ($1, $2, $3, 'Website', $4, $5, $6)`,
    [id, inbox.id, inbox.key, [inbox.origin], [inbox.identitySecret], departmentId],
  );
  await superuser.query("INSERT INTO inbox_keys (key, tenant_id, inbox_id) VALUES ($1, $2, $3)", [
    inbox.key,
    id,
    inbox.id,
  ]);
  for (const role of roles) tenant.agents.push(await addAgent(superuser, tenant, role, { capacity }));
  return tenant;
};

/** Adds a login, its address confirmed, with a membership in `tenant`, by default in the department of its inbox. */
export const addAgent = async (
  superuser: pg.Pool | pg.Client,
  tenant: TestTenant,
  role: Role = "agent",
  { capacity = 1_000, inDepartment = true }: { capacity?: number; inDepartment?: boolean } = {},
): Promise<TestAgent> => {
  const id = randomUUID();
  const agent: TestAgent = {
    id,
    email: `${role}-${id.slice(0, 8)}@${tenant.slug}.test`,
    name: `Agent ${id.slice(0, 4)}`,
    role,
  };
  await superuser.query(
    "INSERT INTO users (id, email, name, password_hash, email_confirmed_at) VALUES ($1, $2, $3, $4, now())",
    [id, agent.email, agent.name, passwordHash],
  );
  await superuser.query("INSERT INTO memberships (tenant_id, user_id, role, capacity) VALUES ($1, $2, $3, $4)", [
    tenant.id,
    id,
    role,
    capacity,
  ]);
  if (inDepartment) {
    await superuser.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
      tenant.id,
      tenant.departmentId,
      id,
    ]);
  }
  return agent;
};

/** An access token of a session written straight into the tables: for tests that are not about logging in. */
export const openSession = async (
  superuser: pg.Pool | pg.Client,
  tenant: TestTenant,
  agent: TestAgent,
  seconds = 3_600,
): Promise<string> => {
  const id = randomUUID();
  await superuser.query(
    `INSERT INTO sessions (tenant_id, id, user_id, refresh_hash, expires_at)
     VALUES ($1, $2, $3, $4, now() + interval '1 day')`,
    [tenant.id, id, agent.id, randomBytes(32).toString("hex")],
  );
  const tokens = createTokens({ AUTH_SECRETS: [testSettings.AUTH_SECRETS], ACCESS_TOKEN_SECONDS: seconds });
  return tokens.signAccess({ sub: agent.id, tid: tenant.id, sid: id }).token;
};
