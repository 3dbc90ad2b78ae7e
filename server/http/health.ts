import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, Middleware } from "koa";
import type { Node } from "../context.ts";
import { isAskedFromHere } from "./from-here.ts";

/** What the node says of itself. `tag` starts the ids of its Socket.IO sessions. */
export type Health = { draining: boolean; started: boolean; tag: string };

const hashOf = (text: string) => createHash("sha256").update(text).digest();

/** A token where one is set; else whoever asks from this machine itself, with nobody in between. */
const mayRead = (ctx: Context, { METRICS_TOKEN }: Node["config"]): boolean => {
  if (METRICS_TOKEN !== undefined)
    return timingSafeEqual(hashOf(ctx.get("Authorization")), hashOf(`Bearer ${METRICS_TOKEN}`));
  return isAskedFromHere(ctx, 0);
};

const patienceMs = 1_000;
const pauseMs = 1_000;

const answersInTime = async (question: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patienceMs, false);
  });
  try {
    return await Promise.race([question.then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
};

/** Asks Postgres and Redis at most once a second, however many ask us. */
const createProbe = ({ tenancy, redis }: Node) => {
  const ask = async () => {
    const [postgres, cache] = await Promise.all([
      answersInTime(
        Promise.all(tenancy.databases().map((database) => database.call("upkeep", "ready", "SELECT 1", []))),
      ),
      answersInTime(redis.app.ping()),
    ]);
    return { postgres, redis: cache };
  };
  let asked = Number.NEGATIVE_INFINITY;
  let answer: ReturnType<typeof ask>;
  return () => {
    if (performance.now() - asked >= pauseMs) {
      asked = performance.now();
      answer = ask();
    }
    return answer;
  };
};

/**
 * `/health/live`: the process runs. `/health/ready`: send people here, or 503. Without Redis a node goes on, `degraded`:
 * it stores, acks and serves its own members. `/metrics`: counts in Prometheus' format, for this machine and for whoever
 * shows METRICS_TOKEN.
 */
export const serveHealth = (node: Node, health: Health): Middleware => {
  const probe = createProbe(node);
  const identity = { node: node.config.NODE_NAME, tag: health.tag };
  return async (ctx, next) => {
    switch (ctx.path) {
      case "/health/live":
        ctx.body = { status: "live", ...identity };
        break;
      case "/health/ready": {
        const reached = await probe();
        let status = reached.postgres && reached.redis ? "ready" : "degraded";
        if (!health.started) status = "starting";
        if (health.draining) status = "draining";
        ctx.status = health.started && !health.draining && reached.postgres ? 200 : 503;
        ctx.body = { status, ...identity, ...reached };
        break;
      }
      case "/metrics":
        if (!mayRead(ctx, node.config)) return next();
        ctx.type = node.metrics.registry.contentType;
        ctx.body = await node.metrics.registry.metrics();
        break;
      default:
        return next();
    }
    ctx.set("Cache-Control", "no-store");
  };
};
