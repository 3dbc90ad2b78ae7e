import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { io, type Socket } from "socket.io-client";
import { roles } from "../server/contract/permissions.ts";
import { createTokens } from "../server/tokens.ts";
import { createSamples, spreadOf } from "./bench/numbers.ts";
import { cpuBetween, cpuMicros, familyOf } from "./bench/machine.ts";
import { type CpuProfile, describe, summarise } from "./bench/profile-summary.ts";
import { modules, type Server, startServer } from "./bench/servers.ts";
import { perform, type Stage } from "./bench/stage.ts";
import { feel, type Neighbour } from "./neighbour.ts";

const usage = `npm run bench:routing -- [--agents 60] [--departments 6] [--waiting 6000] [--seconds 20] [--every 500] [--profile]

What routing does on this machine, with one node and the embedded Postgres and Redis, which keep what they are told:
how many assignments a second a node deals out of a long queue, and how long it takes, under load, from an agent's
"resolve" until the next conversation arrives on their desktop; and what a small neighbour feels of it, whose one visitor
starts a conversation after the other meanwhile. Every agent resolves one each --every milliseconds; as many
new ones are started by visitors meanwhile. Nothing is asserted: two runs are compared by whoever reads them.
--profile says in what the node spends its time meanwhile.`;

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "60" },
    departments: { type: "string", default: "6" },
    waiting: { type: "string", default: "6000" },
    seconds: { type: "string", default: "20" },
    every: { type: "string", default: "500" },
    profile: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const numberOf = (name: "agents" | "departments" | "waiting" | "seconds" | "every"): number => {
  const value = Number(values[name]);
  if (!Number.isFinite(value) || value <= 0) throw new TypeError(`--${name} needs a number above 0`);
  return value;
};

const capacity = 4;
const visitors = 20;
const say = (line: string) => process.stdout.write(`${line}\n`);

type Company = { tenantId: string; inboxKey: string; origin: string; departmentIds: string[]; tokens: string[] };

type Size = { departments: number; agents: number; waiting: number };

/** Writes a company whose departments have a queue each, and agents with room for all of it; nothing is routed yet. */
const foundCompany = async (client: pg.Client, secret: string, size: Size): Promise<Company> => {
  const [tenantId, inboxId, contactId] = [randomUUID(), randomUUID(), randomUUID()];
  const company: Company = {
    tenantId,
    inboxKey: `bench-${tenantId}`,
    origin: "https://shop.bench.test",
    departmentIds: [],
    tokens: [],
  };
  await client.query("INSERT INTO tenants (id, slug, name, plan) VALUES ($1, $2, 'Bench', 'enterprise')", [
    tenantId,
    tenantId,
  ]);
  await client.query(
    "INSERT INTO roles (tenant_id, key, name, built_in) SELECT $1, key, key, true FROM unnest($2::text[]) AS key",
    [tenantId, roles],
  );
  for (let i = 0; i < size.departments; i += 1) {
    const id = randomUUID();
    company.departmentIds.push(id);
    await client.query(
      "INSERT INTO departments (tenant_id, id, name, position, strategy) VALUES ($1, $2, $3, $4, 'manual')",
      [tenantId, id, `Department ${i + 1}`, i],
    );
  }
  await client.query(
    "INSERT INTO inboxes (tenant_id, id, key, name, allowed_origins, department_id) VALUES ($1, $2, $3, 'Shop', $4, $5)",
    [tenantId, inboxId, company.inboxKey, [company.origin], company.departmentIds[0]],
  );
  await client.query("INSERT INTO inbox_keys (key, tenant_id, inbox_id) VALUES ($1, $2, $3)", [
    company.inboxKey,
    tenantId,
    inboxId,
  ]);
  await client.query("INSERT INTO contacts (tenant_id, id, inbox_id) VALUES ($1, $2, $3)", [
    tenantId,
    contactId,
    inboxId,
  ]);
  await client.query(
    `INSERT INTO conversations (tenant_id, id, status, inbox_id, department_id, contact_id, active_bucket)
     SELECT $1, gen_random_uuid(), 'queued', $2, ($4::uuid[])[1 + n % cardinality($4::uuid[])], $3, 0 FROM generate_series(1, $5) AS n`,
    [tenantId, inboxId, contactId, company.departmentIds, size.waiting],
  );
  const tokens = createTokens({ AUTH_SECRETS: [secret], ACCESS_TOKEN_SECONDS: 3_600 });
  for (let i = 0; i < size.agents; i += 1) {
    const [user, session] = [randomUUID(), randomUUID()];
    await client.query("INSERT INTO users (id, email, name) VALUES ($1, $2, $3)", [
      user,
      `${user}@bench.test`,
      `Agent ${i}`,
    ]);
    await client.query(
      "INSERT INTO memberships (tenant_id, user_id, role, capacity) VALUES ($1, $2, 'agent', 100000)",
      [tenantId, user],
    );
    await client.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
      tenantId,
      company.departmentIds[i % company.departmentIds.length],
      user,
    ]);
    await client.query(
      "INSERT INTO sessions (tenant_id, id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, $4, now() + interval '1 day')",
      [tenantId, session, user, randomBytes(32).toString("hex")],
    );
    company.tokens.push(tokens.signAccess({ sub: user, tid: tenantId, sid: session }).token);
  }
  await client.query("ANALYZE");
  return company;
};

const open = (port: number, namespace: string, auth: object, origin?: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = io(`http://127.0.0.1:${port}${namespace}`, {
      auth,
      transports: ["websocket"],
      forceNew: true,
      ...(origin && { extraHeaders: { origin } }),
    });
    socket.once("session:ready", () => resolve(socket));
    socket.once("connect_error", reject);
  });

/** A small company on the same node, whose one department hands out at once. */
const moveIn = async (client: pg.Client, secret: string, port: number): Promise<Neighbour> => {
  const company = await foundCompany(client, secret, { departments: 1, agents: 1, waiting: 0 });
  await client.query("UPDATE departments SET strategy = 'least_loaded' WHERE tenant_id = $1", [company.tenantId]);
  const agent = await open(port, "/agent", { accessToken: company.tokens[0]! });
  return { agent, visitor: await open(port, "/widget", { inboxKey: company.inboxKey }, company.origin) };
};

const sleep = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

const until = async (look: () => Promise<boolean>): Promise<void> => {
  while (!(await look())) await sleep(100);
};

/** The long queue is dealt out to agents who have room for all of it. */
const dealOut = async (client: pg.Client, { tenantId }: Company): Promise<void> => {
  await client.query("UPDATE departments SET strategy = 'least_loaded' WHERE tenant_id = $1", [tenantId]);
  const question = `SELECT count(*)::int AS count, extract(epoch FROM max(started_at) - min(started_at))::float8 AS seconds
    FROM assignments WHERE tenant_id = $1`;
  let last: { count: number; seconds: number } | undefined;
  await until(async () => {
    const { rows } = await client.query<{ count: number; seconds: number }>(question, [tenantId]);
    last = rows[0]!;
    return last.count >= numberOf("waiting");
  });
  say(
    `dealt out      ${last!.count} assignments in ${last!.seconds.toFixed(2)} s: ${(last!.count / last!.seconds).toFixed(0)} a second`,
  );
};

/** Says what each process has used of a core since `before`, a resolved conversation with all that comes of it. */
const sayCost = (families: Record<string, number>, before: Map<number, number>, resolved: number): void => {
  const each = Object.entries(families).map(([name, pid]) => {
    const ms = cpuBetween(before, cpuMicros(familyOf(pid))) / 1_000 / resolved;
    return `${name} ${ms.toFixed(1)} ms`;
  });
  say(`CPU for each   ${each.join(", ")}`);
};

/** Everybody is full and somebody always waits; each resolve is answered by the next conversation. */
const work = async (
  stage: Stage,
  { client, company, agents, node }: { client: pg.Client; company: Company; agents: Socket[]; node: Server },
): Promise<void> => {
  const file = values.profile ? join(stage.logs, "node.cpuprofile") : undefined;
  const families = { node: node.pid, Postgres: stage.postgres.pid!, Redis: stage.redis.pid!, bench: process.pid };
  const { tenantId, departmentIds } = company;
  await client.query("UPDATE departments SET strategy = 'manual' WHERE tenant_id = $1", [tenantId]);
  await client.query(
    "UPDATE assignments SET ended_at = clock_timestamp(), end_reason = 'resolved' WHERE tenant_id = $1",
    [tenantId],
  );
  await client.query(
    `UPDATE conversations SET status = CASE WHEN random() < 0.5 THEN 'queued' ELSE 'resolved' END, assignee_id = NULL WHERE tenant_id = $1`,
    [tenantId],
  );
  const held = new Map<Socket, string[]>(agents.map((agent) => [agent, []]));
  const freed = new Map<Socket, number[]>(agents.map((agent) => [agent, []]));
  const samples = createSamples();
  for (const agent of agents)
    agent.on("conversation:assigned", ({ conversation }: { conversation: { id: string } }) => {
      held.get(agent)!.push(conversation.id);
      const since = freed.get(agent)!.shift();
      if (since !== undefined) samples.add(performance.now() - since);
    });
  await client.query("UPDATE memberships SET active_count = 0, capacity = $2 WHERE tenant_id = $1", [
    tenantId,
    capacity,
  ]);
  await client.query("UPDATE departments SET strategy = 'least_loaded' WHERE tenant_id = $1", [tenantId]);
  await until(() => Promise.resolve([...held.values()].every((list) => list.length >= capacity)));

  if (file) await node.ask({ ask: "profile" });
  const used = cpuMicros(Object.values(families).flatMap(familyOf));
  const end = performance.now() + numberOf("seconds") * 1_000;
  let resolved = 0;
  const serve = async (agent: Socket): Promise<void> => {
    await sleep(Math.random() * numberOf("every"));
    while (performance.now() < end) {
      const conversationId = held.get(agent)!.shift();
      if (conversationId !== undefined) {
        freed.get(agent)!.push(performance.now());
        await agent.emitWithAck("conversation:resolve", { conversationId });
        resolved += 1;
      }
      await sleep(numberOf("every"));
    }
  };
  const perVisitorMs = (numberOf("every") * visitors) / agents.length;
  const visit = async (): Promise<void> => {
    const socket = await open(node.port, "/widget", { inboxKey: company.inboxKey }, company.origin);
    while (performance.now() < end) {
      const departmentId = departmentIds[Math.floor(Math.random() * departmentIds.length)];
      await socket.emitWithAck("conversation:start", { clientId: randomUUID(), body: "hello", departmentId });
      await sleep(perVisitorMs);
    }
    socket.close();
  };
  await Promise.all([...agents.map(serve), ...Array.from({ length: visitors }, visit)]);
  sayCost(families, used, resolved);
  if (file) {
    await node.ask({ ask: "keep", file });
    say(describe(summarise(JSON.parse(readFileSync(file, "utf8")) as CpuProfile), resolved));
  }
  await sleep(1_000);
  const latencies = samples.take();
  const { p50, p99, max } = spreadOf(latencies);
  const seconds = numberOf("seconds");
  say(
    `under load     ${resolved} resolved, ${(resolved / seconds).toFixed(0)} a second; ${(latencies.length / seconds).toFixed(0)} assignments a second`,
  );
  say(
    `from resolve to the next conversation on the desktop: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, at most ${max.toFixed(0)} ms (${latencies.length} measured)`,
  );
};

/** How long a turn of routing has taken on average so far, by the node's own account. */
const sayTurns = async (port: number): Promise<void> => {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const numberAt = (name: string) => Number(new RegExp(`^${name} (.+)$`, "mu").exec(metrics)?.[1]);
  const turns = numberAt("parley_routing_seconds_count");
  say(`turns so far   ${turns}, ${((numberAt("parley_routing_seconds_sum") / turns) * 1_000).toFixed(1)} ms each`);
};

const bench = async (stage: Stage): Promise<void> => {
  const env = stage.nodeEnv(stage.redis);
  const node = await startServer("node", modules.node, { cores: undefined, env, logs: stage.logs });
  const client = new pg.Client({ connectionString: stage.postgres.ownerUrl });
  await client.connect();
  const agents: Socket[] = [];
  const neighbours: Socket[] = [];
  try {
    // Migrations are the owner's; what is written here is written past row-level security.
    await client.query("SET row_security = off");
    const [departments, count, waiting] = [numberOf("departments"), numberOf("agents"), numberOf("waiting")];
    const company = await foundCompany(client, env["AUTH_SECRETS"]!, { departments, agents: count, waiting });
    const neighbour = await moveIn(client, env["AUTH_SECRETS"]!, node.port);
    neighbours.push(neighbour.agent, neighbour.visitor);
    for (const accessToken of company.tokens) agents.push(await open(node.port, "/agent", { accessToken }));
    say(
      `${agents.length} agents in ${company.departmentIds.length} departments, ${numberOf("waiting")} conversations wait`,
    );
    say(`neighbour      ${await feel(neighbour, sleep(3_000))} while nothing else happens`);
    const dealt = dealOut(client, company);
    say(`neighbour      ${await feel(neighbour, dealt)} meanwhile`);
    await dealt;
    await sayTurns(node.port);
    await work(stage, { client, company, agents, node });
    await sayTurns(node.port);
  } finally {
    for (const socket of [...agents, ...neighbours]) socket.close();
    await client.end();
    await node.stop();
  }
};

if (values.help) say(usage);
else await perform(say, bench);
