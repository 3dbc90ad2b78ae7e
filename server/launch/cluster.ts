import { parseArgs } from "node:util";
import { startBalancer } from "./balancer.ts";
import { watchNodes } from "./balancer-nodes.ts";
import { freePort, tryPort } from "./free-port.ts";
import { launch } from "./launch.ts";
import { startNode, startWorker } from "./processes.ts";

const usage = "npm run cluster -- [--nodes 3] [--no-restart]";

const readArguments = (): { count: number; restart: boolean } => {
  try {
    const { values } = parseArgs({
      options: { nodes: { type: "string", default: "3" }, "no-restart": { type: "boolean", default: false } },
    });
    const count = Number(values.nodes);
    if (!Number.isInteger(count) || count < 1 || count > 32) throw new Error("--nodes takes a number from 1 to 32.");
    return { count, restart: !values["no-restart"] };
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: ${usage}`);
    process.exit(2);
  }
};

const { count, restart } = readArguments();

await launch("npm run cluster", async ({ config, env, port, url, logs, say }) => {
  // The ports after ours where they are free, since those are easy to remember.
  const ports: number[] = [];
  for (let index = 1; index <= count; index += 1) {
    const next = port + index <= 65_535 ? await tryPort(port + index) : "none";
    ports.push(typeof next === "number" ? next : await freePort());
  }
  const common = { logs, say, restart, patienceSeconds: config.DRAIN_SECONDS + 20 };
  const nodeEnv = {
    ...env,
    HOST: "127.0.0.1",
    // Links in mails lead to the balancer, not to the node that wrote them.
    PUBLIC_URL: url,
    TRUSTED_PROXIES: String(Math.min(10, config.TRUSTED_PROXIES + 1)),
  };
  const [worker, ...nodes] = await Promise.all([
    startWorker({ ...common, env, name: "worker-1" }),
    ...ports.map((own, index) => startNode({ ...common, env: nodeEnv, name: `node-${index + 1}`, port: own })),
  ]);
  let settled = false;
  const backends = await watchNodes(
    nodes.map((node) => ({ name: node.name, host: "127.0.0.1", port: node.port })),
    { onChange: ({ name, ready }) => settled && say(`balancer: ${name} ${ready ? "takes" : "takes no"} connections`) },
  );
  settled = true;
  const front = await startBalancer(backends, { host: config.HOST, port });
  const about = [
    ...nodes.map(
      ({ name, pid, port: own }) => `  ${name.padEnd(10)}pid ${String(pid).padEnd(8)}http://127.0.0.1:${own}`,
    ),
    `  ${"worker-1".padEnd(10)}pid ${worker.pid}`,
    `  A node or worker that ends ${restart ? "is brought back after a second" : "stays down (--no-restart)"}; SIGTERM drains a node first.`,
  ];
  return { processes: [...nodes, worker], front, about };
});
