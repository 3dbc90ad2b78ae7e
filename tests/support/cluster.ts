import { afterEach, beforeAll, inject, onTestFailed } from "vitest";
import { collectEnds, gatherCompany, withTest } from "./company.ts";
import type { AtEnd, Company } from "./company.ts";
import { startNodes } from "./nodes.ts";
import type { Nodes, NodesOptions } from "./nodes.ts";
import { copyDatabase, startServices, superuserPool } from "./services.ts";
import type { Services } from "./services.ts";

export type ClusterOptions = Omit<NodesOptions, "stores">;

/** Real node processes and the people that talk through them. */
export type Cluster = Nodes & Company;

/** A cluster with servers of its own, which a test may restart, freeze and empty. */
export type PrivateCluster = Cluster & Pick<Services, "postgres" | "redis">;

const printLogs = ({ list }: Nodes): void => {
  for (const node of list) process.stderr.write(`--- the end of ${node.name}'s log ---\n${node.log().slice(-4_000)}\n`);
};

const startShared = async (options: ClusterOptions, atEnd: AtEnd): Promise<Cluster> => {
  const { ownerUrl, appUrl, redisUrl } = inject("services");
  const database = await copyDatabase({ ownerUrl, appUrl });
  atEnd(database.drop);
  const stores = { ownerUrl: database.ownerUrl, appUrl: database.appUrl, redisUrl };
  const nodes = await startNodes({ ...options, stores });
  atEnd(nodes.stop);
  return { ...nodes, ...gatherCompany(nodes.url, database.superuser, atEnd) };
};

/** Nodes for one test, on the run's Postgres and Redis; everything is gone when the test ends. */
export const startCluster = async (options: ClusterOptions = {}): Promise<Cluster> => {
  const cluster = await startShared(options, withTest);
  onTestFailed(() => printLogs(cluster));
  return cluster;
};

/** The same for all tests of a `describe` or a file: call it there, and the answer within its tests. */
export const useCluster = (options: ClusterOptions = {}): (() => Cluster) => {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    const { atEnd, end } = collectEnds();
    cluster = await startShared(options, atEnd);
    return end;
  });
  afterEach(({ task }) => {
    if (cluster && task.result?.state === "fail") printLogs(cluster);
  });
  return () => {
    if (!cluster) throw new Error("The cluster is started in a hook, so only tests may ask for it");
    return cluster;
  };
};

/** Nodes for one test on a Postgres and a Redis of their own. */
export const startPrivateCluster = async (options: ClusterOptions = {}): Promise<PrivateCluster> => {
  const { postgres, redis, stop } = await startServices();
  withTest(stop);
  const superuser = superuserPool(postgres.ownerUrl);
  withTest(() => superuser.end());
  const stores = { ownerUrl: postgres.ownerUrl, appUrl: postgres.appUrl, redisUrl: redis.url };
  const nodes = await startNodes({ ...options, stores });
  withTest(nodes.stop);
  onTestFailed(() => printLogs(nodes));
  return { ...nodes, ...gatherCompany(nodes.url, superuser, withTest), postgres, redis };
};
