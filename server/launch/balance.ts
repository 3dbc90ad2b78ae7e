import { parseArgs } from "node:util";
import { startBalancer } from "./balancer.ts";
import { watchNodes } from "./balancer-nodes.ts";

// The balancer by itself, for nodes that something else keeps running: `node balance.js --listen 0.0.0.0:3000 node-1:3000 node-2:3000`.

const address = (text: string): { name: string; host: string; port: number } => {
  const [, host, port] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  if (host === undefined) throw new Error(`${text} is not an address like node-1:3000.`);
  return { name: text, host, port: Number(port) };
};

try {
  const { values, positionals } = parseArgs({
    options: { listen: { type: "string", default: "127.0.0.1:3000" } },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new Error("Name at least one node, as host:port.");
  const { host, port } = address(values.listen);
  const nodes = await watchNodes(positionals.map(address), {
    onChange: ({ name, ready }) => console.log(`${name} ${ready ? "takes" : "takes no"} connections`),
  });
  const balancer = await startBalancer(nodes, { host, port });
  console.log(`listening on ${host}:${balancer.port}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => void balancer.close().then(() => process.exit(0)));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
