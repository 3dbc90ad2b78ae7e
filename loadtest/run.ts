import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { freePort } from "../server/launch/free-port.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const scenarios = ["steady"];

const usage = `npm run loadtest -- [scenario] [options]

Runs a load test with Artillery, which is installed into loadtest/ on first use (about 330 MB), and judges it by its
budgets: exit code 0 when all are kept. Without --target a cluster of its own is started and stopped again.

  scenario            ${scenarios.join(", ")} (default steady)
  --target <url>      a Parley that runs on this machine and has the demo data, e.g. http://127.0.0.1:3000
  --nodes <n>         nodes of the cluster that is started (default 2)
  --rate <n>          visitors who come per second (default: the scenario's)
  --seconds <n>       for how long they keep coming (default: the scenario's)
  --help              this text`;

const refuse = (sentence: string): never => {
  console.error(`${sentence}\n\n${usage}`);
  process.exit(2);
};

/** Load is sent to this machine and nowhere else. */
const isLoopback = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return /^https?:$/u.test(protocol) && /^(localhost|127(\.\d+){3}|\[::1\])$/u.test(hostname);
};

const whole = (name: string, value: string | undefined, most: number): number | undefined => {
  if (value === undefined) return undefined;
  const number = Number(value);
  return Number.isInteger(number) && number >= 1 && number <= most
    ? number
    : refuse(`--${name} takes a whole number from 1 to ${most}.`);
};

const read = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        target: { type: "string" },
        nodes: { type: "string" },
        rate: { type: "string" },
        seconds: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
};

const { values, positionals } = read();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [scenario = "steady", ...others] = positionals;
if (!scenarios.includes(scenario) || others.length > 0) refuse(`There is no scenario "${positionals.join(" ")}".`);
if (values.target !== undefined && !isLoopback(values.target))
  refuse("--target takes an address of this machine, such as http://127.0.0.1:3000.");
const nodes = whole("nodes", values.nodes, 32) ?? 2;
const rate = whole("rate", values.rate, 1_000);
const seconds = whole("seconds", values.seconds, 86_400);

const artilleryEnv = { ...process.env, ARTILLERY_DISABLE_TELEMETRY: "true", PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
const artillery = join(here, "node_modules", "artillery", "bin", "run");

const install = (): void => {
  if (existsSync(artillery)) return;
  console.log("Installing Artillery into loadtest/ (once)");
  const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: here,
    env: artilleryEnv,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status === 0 && existsSync(artillery)) return;
  console.error("Artillery could not be installed; npm's reasons stand above.");
  process.exit(1);
};

const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));

/** A cluster with data of its own, which is gone afterwards. */
const startCluster = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const dir = mkdtempSync(join(tmpdir(), "parley-loadtest-"));
  const port = await freePort();
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const module = join(here, "..", "server", "launch", "cluster.ts");
  const { DATABASE_URL: _postgres, DATABASE_APP_URL: _app, REDIS_URL: _redis, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", loader, module, "--nodes", String(nodes), "--no-restart"], {
    cwd: join(here, ".."),
    env: {
      ...env,
      DATA_DIR: dir,
      PORT: String(port),
      HOST: "127.0.0.1",
      DEMO: "true",
      RATE_LIMIT_FACTOR: "1000",
      DRAIN_SECONDS: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = ended(child);
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "Parley is ready.") resolve();
      else if (line.trim() !== "") console.log(`  ${line.trim()}`);
    });
  });
  const failed = gone.then((code) => {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`The cluster ended with exit code ${code}`);
  });
  failed.catch(() => {});
  await Promise.race([ready, failed]);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGTERM");
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

type Report = {
  aggregate: {
    counters: Record<string, number>;
    summaries: Record<string, Record<"median" | "p95" | "p99" | "max", number>>;
  };
};

const print = (file: string): void => {
  const { counters, summaries } = (JSON.parse(readFileSync(file, "utf8")) as Report).aggregate;
  const count = (name: string) => counters[name] ?? 0;
  console.log(
    `\n${count("vusers.completed")} of ${count("vusers.created")} visits ended well; ${count("parley.sent")} messages sent, ` +
      `${count("parley.acked")} acked, ${count("parley.lost")} lost or out of place.`,
  );
  for (const [name, number] of Object.entries(counters))
    if (name.startsWith("errors.")) console.log(`  ${number} x ${name.slice(7)}`);
  console.log(`${"milliseconds".padEnd(14)}${["p50", "p95", "p99", "max"].map((title) => title.padStart(9)).join("")}`);
  for (const [name, { median, p95, p99, max }] of Object.entries(summaries))
    if (name.startsWith("parley."))
      console.log(
        `${name.slice(7, -3).padEnd(14)}${[median, p95, p99, max].map((ms) => String(ms).padStart(9)).join("")}`,
      );
};

install();
// Artillery compiles the processor to CommonJS, in a package that is not.
mkdirSync(join(here, "dist"), { recursive: true });
writeFileSync(join(here, "dist", "package.json"), '{ "type": "commonjs" }\n');
const results = join(here, "results");
mkdirSync(results, { recursive: true });
const file = join(results, `${scenario}-${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.json`);

let cluster: Awaited<ReturnType<typeof startCluster>> | undefined;
if (values.target === undefined) {
  console.log(`Starting a cluster of ${nodes}`);
  cluster = await startCluster().catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}
const target = cluster?.url ?? new URL(values.target!).origin;
const answers = await fetch(`${target}/health/ready`, { signal: AbortSignal.timeout(5_000) }).then(
  ({ ok }) => ok,
  () => false,
);
if (!answers) {
  console.error(`No Parley is ready at ${target}. Start one with npm start, or leave --target away.`);
  await cluster?.stop();
  process.exit(1);
}

const phase = { name: scenario, duration: seconds ?? 30, arrivalRate: rate ?? 3 };
const overrides =
  rate === undefined && seconds === undefined ? [] : ["--overrides", JSON.stringify({ config: { phases: [phase] } })];
const child = spawn(
  process.execPath,
  [
    artillery,
    "run",
    "--target",
    target,
    "--config",
    `${scenario}.budgets.yml`,
    "--output",
    file,
    ...overrides,
    `${scenario}.yml`,
  ],
  { cwd: here, env: artilleryEnv, stdio: ["ignore", "inherit", "inherit"] },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const code = await ended(child);
await cluster?.stop();
if (existsSync(file)) {
  print(file);
  console.log(
    `\n${code === 0 ? "All budgets were kept." : "Not all budgets were kept; see above."} Written to ${relative(process.cwd(), file)}`,
  );
}
process.exit(code);
