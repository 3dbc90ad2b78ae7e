import bcrypt from "bcrypt";
import pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Role } from "../server/contract/permissions.ts";
import { configOrExit } from "../server/config.ts";

type Person = { email: string; name: string; role: Role };
type Demo = { slug: string; name: string; inboxKey: string; people: Person[] };

export const demoPassword = "parley-demo";

/** The secret a demo shop's backend would sign identity tokens with. Public on purpose: it guards made-up people. */
export const demoIdentitySecret = "demo-identity-secret-of-the-made-up-shop";

const demos: Demo[] = [
  {
    slug: "acme",
    name: "Acme Plants",
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
    inboxKey: "demo-globex",
    people: [
      { email: "admin@globex.test", name: "Gus Okafor", role: "tenant_admin" },
      { email: "agent@globex.test", name: "Gia Romano", role: "agent" },
    ],
  },
];

const enter = (client: pg.Client, tenantId: string) =>
  client.query("SELECT set_config('app.tenant_ids', $1, true)", [`{${tenantId}}`]);

const seedDemo = async (client: pg.Client, demo: Demo, passwordHash: string): Promise<void> => {
  const [tenant, department, inbox] = [uuidv7(), uuidv7(), uuidv7()];
  await enter(client, tenant);
  await client.query("INSERT INTO tenants (id, slug, name) VALUES ($1, $2, $3)", [tenant, demo.slug, demo.name]);
  await client.query("INSERT INTO departments (tenant_id, id, name) VALUES ($1, $2, 'Support')", [tenant, department]);
  for (const { email, name, role } of demo.people) {
    const user = uuidv7();
    await client.query("INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)", [
      user,
      email,
      name,
      passwordHash,
    ]);
    await client.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, $3)", [tenant, user, role]);
    await client.query("INSERT INTO department_members VALUES ($1, $2, $3)", [tenant, department, user]);
  }
  await client.query(
    "INSERT INTO inboxes (tenant_id, id, key, name, identity_secrets, department_id) VALUES ($1, $2, $3, 'Website', $4, $5)",
    [tenant, inbox, demo.inboxKey, [demoIdentitySecret], department],
  );
  await client.query("INSERT INTO inbox_keys VALUES ($1, $2, $3)", [demo.inboxKey, tenant, inbox]);
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
      const { rows } = await client.query<{ tenant_id: string }>("SELECT tenant_id FROM find_inbox($1)", [
        demo.inboxKey,
      ]);
      if (rows[0]) await enter(client, rows[0].tenant_id);
      else await seedDemo(client, demo, await bcrypt.hash(demoPassword, 12));
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
