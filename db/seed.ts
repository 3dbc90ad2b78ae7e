import bcrypt from "bcrypt";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { builtInRoleNames, builtInRoles, platformRoles, type BuiltInRole } from "../server/contract/permissions.ts";
import type { PlanName } from "../server/contract/plans.ts";
import { configOrExit } from "../server/config.ts";

type Person = { email: string; name: string; role: BuiltInRole };
/** With an inbox a customer; without one Parley's own staff. */
type Demo = { slug: string; name: string; plan: PlanName; inboxKey?: string; people: Person[] };

export const demoPassword = "parley-demo";

/** The secret a demo shop's backend would sign identity tokens with. Public on purpose: it guards made-up people. */
export const demoIdentitySecret = "demo-identity-secret-of-the-made-up-shop";

const demos: Demo[] = [
  {
    slug: "acme",
    name: "Acme Plants",
    plan: "enterprise",
    inboxKey: "demo-acme",
    people: [
      { email: "admin@acme.test", name: "Ada Moreau", role: "tenant_admin" },
      { email: "manager@acme.test", name: "Mona Petrov", role: "manager" },
      { email: "agent@acme.test", name: "Amir Haddad", role: "agent" },
      { email: "agent2@acme.test", name: "Bea Lindholm", role: "agent" },
    ],
  },
  {
    slug: "globex",
    name: "Globex Garden",
    plan: "basic",
    inboxKey: "demo-globex",
    people: [
      { email: "admin@globex.test", name: "Gus Okafor", role: "tenant_admin" },
      { email: "agent@globex.test", name: "Gia Romano", role: "agent" },
    ],
  },
  {
    slug: "parley",
    name: "Parley",
    plan: "enterprise",
    people: [{ email: "root@parley.test", name: "Rosa Lindqvist", role: "super_admin" }],
  },
];

const enter = (client: pg.Client, tenantId: string) =>
  client.query("SELECT set_config('app.tenant_ids', $1, true)", [`{${tenantId}}`]);

const seedInbox = async (client: pg.Client, tenant: string, key: string, users: string[]): Promise<void> => {
  const [department, inbox] = [uuidv7(), uuidv7()];
  await client.query("INSERT INTO departments (tenant_id, id, name) VALUES ($1, $2, 'Support')", [tenant, department]);
  for (const user of users)
    await client.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
      tenant,
      department,
      user,
    ]);
  await client.query(
    "INSERT INTO inboxes (tenant_id, id, key, name, identity_secrets, department_id) VALUES ($1, $2, $3, 'Website', $4, $5)",
    [tenant, inbox, key, [demoIdentitySecret], department],
  );
  await client.query("INSERT INTO inbox_keys VALUES ($1, $2, $3)", [key, tenant, inbox]);
};

const seedDemo = async (client: pg.Client, demo: Demo, passwordHash: string): Promise<void> => {
  const tenant = uuidv7();
  await enter(client, tenant);
  const kind = demo.inboxKey === undefined ? "platform" : "customer";
  await client.query("INSERT INTO tenants (id, slug, name, kind, plan) VALUES ($1, $2, $3, $4, $5)", [
    tenant,
    demo.slug,
    demo.name,
    kind,
    demo.plan,
  ]);
  for (const key of Object.keys(kind === "platform" ? platformRoles : builtInRoles) as BuiltInRole[])
    await client.query("INSERT INTO roles (tenant_id, key, name, built_in) VALUES ($1, $2, $3, true)", [
      tenant,
      key,
      builtInRoleNames[key],
    ]);
  const users: string[] = [];
  for (const { email, name, role } of demo.people) {
    const user = uuidv7();
    await client.query("INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)", [
      user,
      email,
      name,
      passwordHash,
    ]);
    // Only the agents of a demo are there to answer: whoever tries the other logins wants to look around.
    await client.query("INSERT INTO memberships (tenant_id, user_id, role, availability) VALUES ($1, $2, $3, $4)", [
      tenant,
      user,
      role,
      role === "agent" ? "available" : "away",
    ]);
    users.push(user);
  }
  if (demo.inboxKey !== undefined) await seedInbox(client, tenant, demo.inboxKey, users);
};

/**
 * Puts the demo tenants in place at the database of `ownerUrl` (the login that migrates), once; at every call `origins`
 * are added to what their inboxes allow.
 */
export const seed = async (ownerUrl: string, { origins }: { origins: string[] }): Promise<void> => {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "parley-seed" });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(7275540)");
    // The owner is bound by row-level security too, and sees through it only for look-ups; so the demo is written as what
    // every other row is written as: the application.
    await client.query("SET LOCAL ROLE parley_app");
    for (const demo of demos) {
      const { rows } = await client.query<{ id: string }>("SELECT id FROM find_tenant(NULL, $1)", [demo.slug]);
      if (rows[0]) await enter(client, rows[0].id);
      else await seedDemo(client, demo, await bcrypt.hash(demoPassword, 12));
      // Nobody reads their mail.
      await client.query(
        "UPDATE users SET email_confirmed_at = now() WHERE email = ANY($1) AND email_confirmed_at IS NULL",
        [demo.people.map(({ email }) => email)],
      );
      if (demo.inboxKey === undefined) continue;
      await client.query(
        `UPDATE inboxes SET allowed_origins = ARRAY(SELECT DISTINCT unnest(allowed_origins || $1::text[]) ORDER BY 1) WHERE key = $2`,
        [origins, demo.inboxKey],
      );
    }
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
};

/** The origins a demo page may come from when Parley listens on `port`: this port and the next few, on this machine. */
export const demoOrigins = (port: number, publicUrl?: string): string[] => {
  const ports = [port, 3000].flatMap((first) => Array.from({ length: 10 }, (_, i) => first + i));
  const local = ports.flatMap((p) => [`http://localhost:${p}`, `http://127.0.0.1:${p}`]);
  return [...new Set([...local, ...(publicUrl ? [new URL(publicUrl).origin] : [])])];
};

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  const config = configOrExit(undefined, ["DATABASE_URL", "PORT", "PUBLIC_URL"]);
  await seed(config.DATABASE_URL, { origins: demoOrigins(config.PORT, config.PUBLIC_URL) });
  process.stdout.write(`seeded: ${demos.map((demo) => demo.slug).join(", ")} (password ${demoPassword})\n`);
}
