import type { TestProject } from "vitest/node";
import { startServices } from "./services.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The run's own Postgres, with the migrated database every file copies, and the run's own Redis. */
    services: { ownerUrl: string; appUrl: string; redisUrl: string };
  }
}

/** One Postgres and one Redis for the whole run, gone when it ends, however it ends. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const { postgres, redis, stop } = await startServices();
  project.provide("services", { ownerUrl: postgres.ownerUrl, appUrl: postgres.appUrl, redisUrl: redis.url });
  return stop;
};
