import { createAdapter as createClassicAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import type { Config } from "../config.ts";
import type { RedisClients } from "../redis.ts";

/**
 * The carrier between nodes. Parley publishes through one channel a namespace (see `publish.ts`), so the sharded adapter
 * runs with static channels: no subscription per room, and nothing to wait for when a socket joins.
 */
export const createAdapter = ({ ADAPTER }: Pick<Config, "ADAPTER">, { publish, subscribe }: RedisClients) => {
  switch (ADAPTER) {
    case "sharded":
      return createShardedAdapter(publish, subscribe, { subscriptionMode: "static" });
    case "classic":
      return createClassicAdapter(publish, subscribe);
    case "streams":
      return createStreamsAdapter(publish, { maxLen: 20_000 });
  }
};
