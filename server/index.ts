import { createApp } from "./app.ts";
import { configOrExit, readEnvironment } from "./config.ts";
import { createDeps } from "./deps.ts";
import { withKeptSecret } from "./launch/secrets.ts";

/** One node. SIGTERM and SIGINT stop it in order; a second signal at once. */
const deps = createDeps(configOrExit(withKeptSecret(readEnvironment())));
const { log, config } = deps;
const app = createApp(deps);

// A node that met the unforeseen is in an unknown state: it says so and ends; whoever runs it starts a new one.
process.on("uncaughtException", (error) => {
  log.fatal({ err: error }, "an exception nobody caught");
  process.exit(1);
});
process.on("unhandledRejection", (error) => {
  log.error({ err: error }, "a rejection nobody handled");
});

let stopping = false;
const stop = (signal: NodeJS.Signals) => {
  if (stopping) process.exit(1);
  stopping = true;
  log.info({ signal }, "stopping");
  const tooLong = setTimeout(() => process.exit(1), (config.DRAIN_SECONDS + 15) * 1_000);
  tooLong.unref();
  app.close().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, "the stop did not go in order");
      process.exit(1);
    },
  );
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

try {
  const port = await app.listen();
  log.info({ port, host: config.HOST }, "listening");
} catch (error) {
  log.fatal({ err: error }, `can't listen on ${config.HOST}:${config.PORT}`);
  process.exit(1);
}
