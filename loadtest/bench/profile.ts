import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startCrowd } from "./crowds.ts";
import { canPin, pin } from "./machine.ts";
import { usualFlags } from "./options.ts";
import { type CpuProfile, describe, summarise } from "./profile-summary.ts";
import { modules, startServer } from "./servers.ts";
import { perform } from "./stage.ts";

/**
 * Where a message's time goes: a node under the bench's load with V8's profiler on, summed up by area and function. The
 * profile itself stays in loadtest/results and opens in a browser's developer tools.
 */
const usage = `npx tsx loadtest/bench/profile.ts [options]

  --window <n>        messages in flight per sender (default 4)
  --seconds <n>       for how long the profiler runs (default 6)
  --bare              the bare Socket.IO server instead of a node
  --flags="<flags>"   for the Node process of the server (default: those of npm run node)
  --help              this text`;

const read = () => {
  try {
    return parseArgs({
      options: {
        window: { type: "string", default: "4" },
        seconds: { type: "string", default: "6" },
        bare: { type: "boolean", default: false },
        flags: { type: "string", default: usualFlags() },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
};

const values = read();
const [window, seconds] = [Number(values.window), Number(values.seconds)];
if (values.help || !(window >= 1 && window <= 100) || !(seconds >= 1 && seconds <= 600)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const results = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(results, { recursive: true });
const cores = canPin();
if (cores) pin([process.pid], "1");

await perform(
  (line) => console.log(line),
  async (stage) => {
    const flags = values.flags.split(" ").filter((flag) => flag !== "");
    const company = await stage.foundCompany(20);
    const server = values.bare
      ? await startServer("bare", modules.bare, { cores: cores ? "0" : undefined, logs: stage.logs, flags })
      : await startServer("node", modules.node, {
          cores: cores ? "0" : undefined,
          logs: stage.logs,
          flags,
          env: stage.nodeEnv(stage.redis),
        });
    const crowd = startCrowd("profile", cores ? "1" : undefined, stage.logs);
    const ports = { contactPort: server.port, agentPort: server.port };
    await crowd.meet(
      values.bare
        ? { kind: "bare", conversations: 200, port: server.port, receivers: 20 }
        : { kind: "parley", conversations: 200, ...ports, ...company },
    );
    const pace = { window };
    const watched = { server: [server.pid], postgres: [stage.postgres.pid!], redis: [stage.redis.pid!] };
    await crowd.talk(pace, { warmMs: 2_000, ms: 500 }, watched);
    const file = join(results, `${values.bare ? "bare" : "node"}-window-${window}.cpuprofile`);
    await server.ask({ ask: "profile" });
    const talked = await crowd.talk(pace, { warmMs: 0, ms: seconds * 1_000 }, watched);
    await server.ask({ ask: "keep", file });

    console.log(describe(summarise(JSON.parse(readFileSync(file, "utf8")) as CpuProfile), talked.acked));
    console.log(`\n${Math.round(talked.acked / talked.seconds)} acked/s with the profiler on. CPU a message:`);
    for (const [name, micros] of Object.entries(talked.cpu))
      console.log(`  ${name} ${(micros / talked.acked).toFixed(1)} us`);
    console.log(file);
    await crowd.leave();
    await server.stop();
  },
);
