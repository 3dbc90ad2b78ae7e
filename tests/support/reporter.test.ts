import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const reporter = fileURLToPath(new URL("./reporter.ts", import.meta.url));

/** Runs vitest on files of these texts; answers its last line and exit code. */
const run = (files: Record<string, string>) => {
  const root = mkdtempSync(join(tmpdir(), "parley-reporter-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const args = [vitest, "run", "--globals", "--root", root, "--reporter", "default", "--reporter", reporter];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    cwd: root,
    env: { PATH: process.env["PATH"] },
  });
  return { line: stdout.trimEnd().split("\n").at(-1), status };
};

test("the last line counts tests, not files", () => {
  const { line, status } = run({
    "a.test.js": "test('one', () => {}); describe('group', () => test('two', () => {}));",
    "b.test.js": "test('three', () => {});",
  });
  expect({ line, status }).toEqual({ line: "3 passed, 0 failed", status: 0 });
});

test("failed tests, files that do not load and hooks that throw count as failed", () => {
  const { line, status } = run({
    "a.test.js": "test('one', () => {}); test('two', () => { throw new Error('no'); });",
    "b.test.js": "throw new Error('does not load');",
    "c.test.js": "describe('group', () => { beforeAll(() => { throw new Error('no'); }); test('three', () => {}); });",
  });
  expect(line).toBe("1 passed, 3 failed");
  expect(status).not.toBe(0);
});

test("an error outside any test counts as failed", () => {
  const { line, status } = run({
    "a.test.js":
      "test('one', async () => { setTimeout(() => { throw new Error('late'); }, 0); await new Promise((r) => setTimeout(r, 50)); });",
  });
  expect(line).toBe("1 passed, 1 failed");
  expect(status).not.toBe(0);
});

test("a run whose setup fails says that something failed", () => {
  const { line, status } = run({
    "a.test.js": "test('one', () => {});",
    "setup.js": "export const setup = () => { throw new Error('no services'); };",
    "vitest.config.js": "export default { test: { globalSetup: './setup.js' } };",
  });
  expect(line).toBe("0 passed, 1 failed");
  expect(status).not.toBe(0);
});
