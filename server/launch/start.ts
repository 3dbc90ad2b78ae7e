import { launch } from "./launch.ts";
import { startNode, startWorker } from "./processes.ts";

// One node: nobody is there to take its clients over, so there is nothing to spread their leaving for.
await launch("npm start", async ({ env, port, logs, say }) => {
  const common = { logs, say, restart: true, env: { ...env, DRAIN_SECONDS: env.DRAIN_SECONDS || "0" } };
  const processes = await Promise.all([
    startNode({ ...common, name: "node-1", port }),
    startWorker({ ...common, name: "worker-1" }),
  ]);
  say("One node and one worker are ready");
  return { processes };
});
