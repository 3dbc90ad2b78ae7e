import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { testSettings } from "./nodes.ts";
import type { Stores } from "./nodes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A real worker process on the stores of a test. Resolves once it is at work. */
export const startWorkers = async (
  stores: Stores,
  env: Record<string, string> = {},
): Promise<{ stop: () => Promise<void>; log: () => string }> => {
  let log = "";
  const worker = spawn(process.execPath, ["--import", "tsx", "workers/index.ts"], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TMPDIR: process.env["TMPDIR"],
      ...testSettings,
      ...env,
      NODE_NAME: "worker",
      DATABASE_URL: stores.ownerUrl,
      DATABASE_APP_URL: stores.appUrl,
      REDIS_URL: stores.redisUrl,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [worker.stdout!, worker.stderr!])
    stream.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-50_000);
    });
  const exited = once(worker, "exit");
  const ready = once(worker, "message").then(() => true);
  const outcome = await Promise.race([ready, exited.then(() => false)]);
  if (!outcome) throw new Error(`The worker ended before it was ready:\n${log}`);
  return {
    log: () => log,
    stop: async () => {
      worker.kill("SIGKILL");
      await exited;
    },
  };
};
