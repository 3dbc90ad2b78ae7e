import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { startRedis } from "../../server/launch/redis.ts";
import { handlers } from "../../workers/handlers.ts";
import { jobs } from "../../workers/jobs.ts";
import { queueName, queuePrefix } from "../../workers/queues.ts";
import { keepSchedule } from "../../workers/schedule.ts";
import { useApp } from "../support/app.ts";
import { testSettings } from "../support/nodes.ts";
import { eventually } from "../support/wait.ts";
import { hear } from "../socket/support/hear.ts";
import { begin } from "../socket/support/scene.ts";
import { assignmentsOf } from "../socket/support/tables.ts";

const app = useApp();
const root = fileURLToPath(new URL("../../", import.meta.url));

const startWorker = (): { worker: ChildProcess; log: () => string } => {
  const { DATABASE_URL, DATABASE_APP_URL } = app().app.node.config;
  let log = "";
  const worker = spawn(process.execPath, ["--import", "tsx", "workers/index.ts"], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TMPDIR: process.env["TMPDIR"],
      ...testSettings,
      NODE_NAME: "worker",
      DATABASE_URL,
      DATABASE_APP_URL,
      REDIS_URL: inject("services").redisUrl,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [worker.stdout, worker.stderr])
    stream.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
  onTestFinished(() => {
    worker.kill("SIGKILL");
  });
  return { worker, log: () => log };
};

test(
  "what nobody routed is routed while a worker is at work, and the worker stops in order when it is told to",
  { timeout: 60_000 },
  async () => {
    const tenant = await app().tenant();
    const [contact] = [await app().contact(tenant), await app().agent(tenant)];
    const { id } = await begin(contact);
    const ear = await hear(contact);
    const { worker, log } = startWorker();
    await eventually(() => log().includes('"working"'), "the worker has begun");
    // Nobody routes a manual department; from now on whoever looks at queues finds this one.
    await app().superuser.query("UPDATE departments SET strategy = 'least_loaded' WHERE tenant_id = $1", [tenant.id]);
    const assigned = await eventually(async () => {
      const list = await assignmentsOf(app().superuser, id);
      return list.length > 0 ? list : undefined;
    }, "the worker assigns it");
    expect(assigned).toMatchObject([{ agentId: tenant.agents[0]!.id, running: true }]);
    // Whoever was faster, the worker or the node that looks after its own agents: the contact is told.
    await ear.next("conversation:updated", ({ conversation }) => conversation.assigneeId === tenant.agents[0]!.id);
    worker.kill("SIGTERM");
    const [code] = await once(worker, "exit");
    expect({ code, log: log() }).toEqual({ code: 0, log: expect.not.stringContaining('"level":50') });
  },
);

test("every declared job has a handler, and a schedule that survives a flushed Redis", async () => {
  expect(new Set(Object.keys(handlers))).toEqual(new Set(Object.keys(jobs)));
  const dir = mkdtempSync(join(tmpdir(), "parley-schedule-"));
  const redis = await startRedis({ dir, durable: false });
  onTestFinished(async () => {
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  onTestFinished(() => connection.disconnect());
  const queue = new Queue(queueName, { connection, prefix: queuePrefix });
  const scheduled = async () =>
    new Map((await queue.getJobSchedulers()).map(({ name, every }) => [name, Number(every)]));
  const declared = new Map(Object.entries(jobs).map(([name, { everyMs }]) => [name, everyMs]));
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const over = { is: false };
  const schedule = keepSchedule(queue, (error) => {
    // A writing that the end of the test cuts short is nobody's fault.
    if (!over.is) throw error;
  });
  onTestFinished(() => {
    over.is = true;
    schedule.stop();
  });
  await vi.waitFor(async () => expect(await scheduled()).toEqual(declared));
  await connection.flushall();
  expect((await scheduled()).size).toBe(0);
  vi.advanceTimersByTime(10_000);
  await vi.waitFor(async () => expect(await scheduled()).toEqual(declared));
  // Written again and again it stays one job of each.
  vi.advanceTimersByTime(30_000);
  await vi.waitFor(async () => expect(await scheduled()).toEqual(declared));
  expect(await queue.getJobCountByTypes("waiting", "delayed")).toBe(declared.size);
});
