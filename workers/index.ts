import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { configOrExit, readEnvironment } from "../server/config.ts";
import type { Node } from "../server/context.ts";
import { closeDeps, createDeps } from "../server/deps.ts";
import { withKeptSecret } from "../server/launch/secrets.ts";
import { createPresenceReader } from "../server/realtime/presence.ts";
import { silentQueueNews } from "../server/realtime/queue-news.ts";
import { silentPublish } from "../server/realtime/silent-publish.ts";
import { createAppend } from "../server/timeline/append.ts";
import { createReceipts } from "../server/timeline/receipts.ts";
import { handlers } from "./handlers.ts";
import type { JobName } from "./jobs.ts";
import { queueName, queuePrefix } from "./queues.ts";
import { keepSchedule } from "./schedule.ts";

/** One worker process. Any number may run; BullMQ gives each job to one of them. */
const deps = createDeps(configOrExit(withKeptSecret(readEnvironment())));
const { config, log, redis } = deps;

const node: Node = {
  ...deps,
  append: createAppend({ ...deps, publish: silentPublish }),
  receipts: createReceipts(deps.tenancy),
  publish: silentPublish,
  queueNews: silentQueueNews,
  presence: createPresenceReader(redis, config),
};

const connect = (role: string) => {
  const client = new Redis(config.REDIS_URL.replace(/^unix:\/\//u, ""), {
    maxRetriesPerRequest: null,
    connectionName: `parley-${role}`,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  client.on("error", () => {});
  return client;
};
const connections = [connect("queue"), connect("worker")] as const;
const queue = new Queue(queueName, { connection: connections[0], prefix: queuePrefix });
queue.on("error", (error) => log.debug({ err: error }, "the queue can't be reached"));

const worker = new Worker(
  queueName,
  async (job) => {
    const handler = handlers[job.name as JobName];
    if (!handler) throw new Error(`no handler for ${job.name}`);
    await handler(node);
  },
  {
    connection: connections[1],
    prefix: queuePrefix,
    concurrency: 4,
    // A killed worker's jobs are another's after half a minute, and a second kill does not lose them.
    lockDuration: 30_000,
    stalledInterval: 15_000,
    maxStalledCount: 5,
  },
);
worker.on("error", (error) => log.debug({ err: error }, "the worker can't reach Redis"));
worker.on("failed", (job, error) => log.warn({ err: error, job: job?.name }, "a job failed"));
const schedule = keepSchedule(queue, (error) => log.debug({ err: error }, "the schedule waits for Redis"));
log.info("working");
// Whoever started this process by a channel waits for the word.
process.send?.("ready");

process.on("unhandledRejection", (error) => log.error({ err: error }, "a rejection nobody handled"));

let stopping = false;
const stop = async (signal: NodeJS.Signals): Promise<void> => {
  if (stopping) process.exit(1);
  stopping = true;
  log.info({ signal }, "stopping");
  setTimeout(() => process.exit(1), 15_000).unref();
  schedule.stop();
  // Without Redis there is nothing to hand back in order.
  if (connections[1].status === "ready") await worker.close();
  for (const connection of connections) connection.disconnect();
  await closeDeps(deps);
  process.exit(0);
};
process.on("SIGTERM", (signal) => void stop(signal));
process.on("SIGINT", (signal) => void stop(signal));
