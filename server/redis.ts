import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "pino";
import type { Config } from "./config.ts";

/**
 * Separate connections by what an outage may do to them. `app` fails at once, so a request never waits for Redis.
 * `publish` and `subscribe` belong to the adapter, which crashes or spins when its commands are refused, so theirs wait.
 */
export type RedisClients = { app: Redis; publish: Redis; subscribe: Redis; close: () => Promise<void> };

const reconnect = { retryStrategy: (attempt: number) => Math.min(attempt * 100, 1_000) } satisfies RedisOptions;

export const connectRedis = (config: Config, log: Logger): RedisClients => {
  const open = (role: string, options: RedisOptions): Redis => {
    const client = new Redis(config.REDIS_URL.replace(/^unix:\/\//u, ""), {
      ...reconnect,
      ...options,
      connectionName: `parley-${role}`,
    });
    let away = false;
    client.on("error", (error: Error) => {
      // A Redis that is away says so many times a second; once is enough.
      if (!away) log.warn({ err: error, role }, "Redis is away");
      away = true;
    });
    client.on("ready", () => {
      if (away) log.info({ role }, "Redis is back");
      away = false;
    });
    return client;
  };
  const app = open("app", {
    enableOfflineQueue: false,
    commandTimeout: 500,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
  });
  const publish = open("publish", { maxRetriesPerRequest: null });
  const subscribe = open("subscribe", { maxRetriesPerRequest: null });
  const clients = [app, publish, subscribe];
  return {
    app,
    publish,
    subscribe,
    close: async () => {
      await Promise.all(clients.map(settled));
      for (const client of clients) client.disconnect();
    },
  };
};

const connecting = new Set<string>(["connecting", "connect"]);

/** Waits a moment for a client in the middle of connecting: what the adapter has asked of it would fail with nobody listening. */
const settled = (client: Redis): Promise<void> =>
  new Promise((resolve) => {
    if (!connecting.has(client.status)) return resolve();
    const timer = setTimeout(resolve, 500);
    for (const event of ["ready", "close"])
      client.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
  });
