import { join } from "node:path";
import type { Meeting, Order, Talked, Watched } from "./crowd.ts";
import type { Cores } from "./machine.ts";
import { ended, launchModule, modules } from "./servers.ts";
import type { Pace } from "./talk.ts";

/** A load generator in a process of its own. */
export type Crowd = {
  pid: number;
  meet: (meeting: Meeting) => Promise<void>;
  talk: (pace: Pace, span: { warmMs: number; ms: number }, watched: Watched) => Promise<Talked>;
  idle: (meeting: Meeting, count: number) => Promise<void>;
  leave: () => Promise<void>;
};

/** Starts a crowd. Its orders are carried out one at a time; each rejects with what went wrong over there. */
export const startCrowd = (name: string, cores: Cores | undefined, logs: string): Crowd => {
  const child = launchModule(modules.crowd, { cores, env: {}, log: join(logs, `crowd-${name}.log`) });
  const order = <T>(what: Order): Promise<T> =>
    new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`The load generator of ${name} ended; its log is in ${logs}`));
      child.once("exit", gone);
      child.once("message", ({ answer, error }: { answer?: T; error?: string }) => {
        child.off("exit", gone);
        if (error === undefined) resolve(answer as T);
        else reject(new Error(`${name}: ${error}`));
      });
      child.send(what);
    });
  return {
    pid: child.pid!,
    meet: (meeting) => order({ order: "meet", meeting }),
    talk: (pace, span, watched) => order({ order: "talk", pace, ...span, watched }),
    idle: (meeting, count) => order({ order: "idle", meeting, count }),
    leave: async () => {
      child.kill("SIGKILL");
      await ended(child);
    },
  };
};
