import { readFileSync } from "node:fs";

const stat = (pid: number): { name: string; parent: number } | undefined => {
  try {
    const [, name, parent] = /\((.*)\) \S (\d+) /su.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return name === undefined ? undefined : { name, parent: Number(parent) };
  } catch {
    return undefined;
  }
};

/** Us, and who started us, up to the package manager; beyond it is the shell of a person, who may leave. */
const lineage = (): number[] => {
  const line = [process.pid, process.ppid];
  if (process.platform !== "linux") return line;
  for (let pid = process.ppid; line.length < 6;) {
    const found = stat(pid);
    if (!found || /^(npm|npx|pnpm|yarn|bun)\b/u.test(found.name)) return line;
    pid = found.parent;
    if (pid <= 1) break;
    line.push(pid);
  }
  // No package manager in sight: only our own parent is known to be part of the command.
  return line.slice(0, 2);
};

/**
 * Calls `onGone` once when the command that we are the heart of was killed: `npm start` is npm, a shell or a loader, and
 * us, and a kill -9 of the first would leave us running without anyone who knows of us. Started directly, by a script of
 * one's own say, we are the command, and nothing is watched.
 */
export const followParent = (env: NodeJS.ProcessEnv, onGone: () => void): void => {
  if (!env.npm_lifecycle_event) return;
  const line = lineage();
  const parentOf = (pid: number) => (pid === process.pid ? process.ppid : stat(pid)?.parent);
  const timer = setInterval(() => {
    if (line.slice(1).every((parent, index) => parentOf(line[index] as number) === parent)) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
};
