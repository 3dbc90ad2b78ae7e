import { type Crowd, startCrowd } from "./crowds.ts";
import type { Cores } from "./machine.ts";
import type { Options } from "./options.ts";
import { modules, type Server, startServer } from "./servers.ts";
import type { Company, Stage } from "./stage.ts";

/** What every part of the bench works with. `on` is undefined where processes can't be bound. */
export type Bench = {
  stage: Stage;
  options: Options;
  on: { server: Cores; rest: Cores } | undefined;
  say: (line: string) => void;
};

/** What is measured: its processes by name, and who talks to it. */
export type Variant = { name: string; servers: Record<string, Server>; crowd: Crowd };

/** A real node, as it is started everywhere else. */
export const nodeFor = (bench: Bench, name: string, redis = bench.stage.redis): Promise<Server> =>
  startServer(name, modules.node, {
    cores: bench.on?.server,
    logs: bench.stage.logs,
    env: bench.stage.nodeEnv(redis),
    flags: bench.options.flags,
  });

/** Contacts at one node and agents at another, or the same. */
export const meetParley = async (bench: Bench, name: string, contacts: Server, agents: Server, company: Company) => {
  const crowd = startCrowd(name, bench.on?.rest, bench.stage.logs);
  const { conversations } = bench.options;
  await crowd.meet({ kind: "parley", conversations, contactPort: contacts.port, agentPort: agents.port, ...company });
  return crowd;
};

/** The three that are compared: (a) bare, (b) bare with an INSERT, (c) Parley. */
export const setVariants = async (bench: Bench) => {
  const { stage, options, on } = bench;
  const { conversations, receivers, flags } = options;
  const bare = async (name: string, env: Record<string, string>): Promise<Variant> => {
    const server = await startServer(name, modules.bare, { cores: on?.server, logs: stage.logs, env, flags });
    const crowd = startCrowd(name, on?.rest, stage.logs);
    await crowd.meet({ kind: "bare", conversations, port: server.port, receivers });
    return { name, servers: { server }, crowd };
  };
  const echo = await bare("a: bare echo", {});
  const insert = await bare("b: echo + INSERT", { DATABASE_URL: await stage.messagesUrl() });
  const node = await nodeFor(bench, "c");
  const crowd = await meetParley(bench, "c", node, node, await stage.foundCompany(receivers));
  const parley: Variant = { name: "c: Parley", servers: { server: node }, crowd };
  return { echo, insert, parley };
};
export type Variants = Awaited<ReturnType<typeof setVariants>>;
