import type { Queue } from "bullmq";
import { type JobName, jobs } from "./jobs.ts";

const renewEveryMs = 10_000;

/**
 * Keeps the schedule of recurring jobs in Redis. It is written again every few seconds, because a flushed Redis forgets
 * schedules without a word; writing what stands changes nothing.
 */
export const keepSchedule = (queue: Queue, onError: (error: unknown) => void): { stop: () => void } => {
  const write = async () => {
    for (const [name, { everyMs }] of Object.entries(jobs) as [JobName, { everyMs: number }][])
      await queue.upsertJobScheduler(
        name,
        { every: everyMs },
        { name, opts: { removeOnComplete: true, removeOnFail: 100 } },
      );
  };
  const run = () => void write().catch(onError);
  run();
  const timer = setInterval(run, renewEveryMs);
  return { stop: () => clearInterval(timer) };
};
