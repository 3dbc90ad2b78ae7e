import type { Meeting } from "./crowd.ts";
import { startCrowd } from "./crowds.ts";
import { residentKib } from "./machine.ts";
import { modules, type Server, startServer } from "./servers.ts";
import { type Bench, nodeFor } from "./variants.ts";

/** Resident KiB that one more idle socket costs a server, after garbage was collected. */
export type Idle = { variant: string; sockets: number; kibPerSocket: number };

/** Opens idle sockets on a fresh server that has already served some, so that what is made once is not counted. */
const measureIdle = async (
  { stage, options, on }: Bench,
  name: string,
  server: Server,
  meeting: Meeting,
): Promise<Idle> => {
  const crowd = startCrowd(`idle-${name[0]}`, on?.rest, stage.logs);
  const settled = async () => {
    await server.ask({ ask: "collect" });
    await server.ask({ ask: "collect" });
    return residentKib(server.pid);
  };
  try {
    await crowd.idle(meeting, 200);
    const before = await settled();
    await crowd.idle(meeting, options.idleSockets);
    const after = await settled();
    return {
      variant: name,
      sockets: options.idleSockets,
      kibPerSocket: Number(((after - before) / options.idleSockets).toFixed(1)),
    };
  } finally {
    await crowd.leave();
    await server.stop();
  }
};

export const measureMemory = async (bench: Bench): Promise<Idle[]> => {
  const { stage, options, on } = bench;
  const { flags, conversations } = options;
  const bare = await startServer("idle-a", modules.bare, { cores: on?.server, logs: stage.logs, flags });
  const ofBare = await measureIdle(bench, "a: bare echo", bare, {
    kind: "bare",
    conversations,
    port: bare.port,
    receivers: 0,
  });
  const node = await nodeFor(bench, "idle-c");
  const company = await stage.foundCompany(50);
  const ofParley = await measureIdle(bench, "c: Parley", node, {
    kind: "parley",
    conversations,
    contactPort: node.port,
    agentPort: node.port,
    ...company,
  });
  return [ofBare, ofParley];
};
