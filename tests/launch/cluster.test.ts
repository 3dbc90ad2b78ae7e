import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { freePort } from "../../server/launch/free-port.ts";
import { makeCheckout, processesOf, run } from "./stand-in.ts";
import type { Command } from "./stand-in.ts";

let checkout: string;
let port: number;
let command: Command | undefined;

beforeAll(async () => {
  checkout = mkdtempSync(join(tmpdir(), "parley-cluster-test-"));
  makeCheckout(checkout);
  port = await freePort();
});
const nothingRuns = () =>
  vi.waitFor(() => expect(processesOf(checkout)).toEqual([]), { timeout: 20_000, interval: 50 });
afterEach(async () => {
  command?.child.kill("SIGKILL");
  await nothingRuns();
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const start = (...args: string[]): Command => {
  command = run(checkout, "cluster", { args, env: { PORT: String(port) } });
  return command;
};
const isReady = /Parley is ready[^]*Ctrl-C/u;
const ask = async (path = "/") =>
  (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as { node: string; pid: number; error?: unknown };
/** The pid that each node answers with, seen through the balancer. */
const nodes = async (): Promise<Map<string, number>> => {
  const seen = new Map<string, number>();
  for (let round = 0; round < 6; round += 1) {
    const { node, pid } = await ask();
    seen.set(node, pid);
  }
  return seen;
};

test("a cluster serves on while a node is killed, brings it back under its name, and ends in order", async () => {
  const cluster = start("--nodes", "2");
  const output = await cluster.says(isReady);
  const before = await nodes();
  expect([...before.keys()].toSorted()).toEqual(["node-1", "node-2"]);
  for (const [name, pid] of before) expect(output).toMatch(new RegExp(`${name}\\s+pid ${pid}\\s`, "u"));

  process.kill(before.get("node-1") as number, "SIGKILL");
  await cluster.says(/node-1 ended \(killed by SIGKILL\); bringing it back/u);
  for (let round = 0; round < 10; round += 1) expect((await ask()).error).toBeUndefined();
  await cluster.says(/node-1 is back[^]*balancer: node-1 takes connections/u);
  const after = await nodes();
  expect(after.get("node-2")).toBe(before.get("node-2"));
  expect(after.get("node-1")).not.toBe(before.get("node-1"));

  cluster.child.kill("SIGTERM");
  expect(await cluster.ended).toBe(0);
});

test("with --no-restart a node that ends stays down, and a killed cluster leaves nothing running", async () => {
  const cluster = start("--nodes", "2", "--no-restart");
  await cluster.says(isReady);
  const { pid } = await ask();
  process.kill(pid, "SIGTERM");
  await cluster.says(/node-\d ended \(exit code 0\)\n/u);
  expect((await nodes()).size).toBe(1);
  cluster.child.kill("SIGKILL");
  await nothingRuns();
});

test("arguments that make no sense are refused with the usage", async () => {
  for (const args of [["--nodes", "none"], ["--nodes", "0"], ["--many"]]) {
    const cluster = start(...args);
    expect(await cluster.ended).toBe(2);
    expect(cluster.output).toContain("Usage: npm run cluster -- [--nodes 3] [--no-restart]");
  }
});
