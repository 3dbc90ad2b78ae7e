import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/**
 * Loaded into a measured process before it starts, over its channel to the bench: collects garbage, and profiles. Both
 * only when asked, so that it costs nothing while a rate is measured.
 */
export type Question = { ask: "collect" } | { ask: "profile" } | { ask: "keep"; file: string };

const session = new Session();

const answer = async (question: Question): Promise<void> => {
  if (question.ask === "collect") {
    // Twice, with a turn between: what finalizers and closing sockets let go of is garbage only then.
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
    globalThis.gc?.();
  } else if (question.ask === "profile") {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 200 });
    await session.post("Profiler.start");
  } else {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(question.file, JSON.stringify(profile));
    session.disconnect();
  }
  process.send?.({ done: question.ask });
};

process.on("message", (question: Question) => void answer(question));
// A bench that was killed leaves nothing running.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
