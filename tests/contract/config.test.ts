import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { ConfigError, exampleEnvironment, readConfig, settings } from "../../server/config.ts";
import { configTable, examplePath, readmeParts, readmePath } from "./config-table.ts";

const good = {
  DATABASE_URL: "postgres://parley@127.0.0.1/parley",
  REDIS_URL: "redis://127.0.0.1",
  AUTH_SECRETS: "a".repeat(32),
};
const bad = {
  DATABASE_URL: "mysql://owner:hush-database@127.0.0.1/parley",
  REDIS_URL: "http://:hush-redis@127.0.0.1",
  AUTH_SECRETS: "hush-short,hush-also-short",
  PORT: "eighty",
  ADAPTER: "carrier-pigeon",
};

const mistakesIn = (environment: NodeJS.ProcessEnv): string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
};

describe("the configuration is documented", () => {
  test.each(Object.entries(settings))("%s says in a sentence what it is for", (_, { about }) => {
    expect(about).toMatch(/^[A-Z`].{10,}\.$/u);
  });

  test(".env.example is what the configuration generates", async () => {
    expect(await readFile(examplePath, "utf8")).toBe(exampleEnvironment());
  });

  test("the README's table is what the configuration generates", async () => {
    // The formatter pads cells, so rows are compared without their spaces at the bars.
    const rows = (table: string) => table.split("\n").map((row) => row.replaceAll(/ *(?<!\\)\| */gu, "|"));
    const { table } = readmeParts(await readFile(readmePath, "utf8"));
    expect(rows(table).toSpliced(1, 1)).toEqual(rows(configTable()).toSpliced(1, 1));
  });
});

describe("the configuration is checked as a whole", () => {
  test("what must be given is enough, and the defaults are themselves valid", () => {
    expect(readConfig(good)).toMatchObject({ PORT: 3000, ADAPTER: "sharded", AUTH_SECRETS: [good.AUTH_SECRETS] });
  });

  test("an empty environment names every setting that must be given", () => {
    expect(mistakesIn({})).toEqual(["DATABASE_URL is missing", "REDIS_URL is missing", "AUTH_SECRETS is missing"]);
  });

  test("every mistake is listed at once, each under its name", () => {
    expect(mistakesIn(bad).map((mistake) => mistake.split(":")[0])).toEqual(Object.keys(bad));
  });

  test.each(Object.keys(settings))("a mistake in %s never shows the value, which may be a secret", (name) => {
    const values = ["hush-hush", "postgres://owner:hush-hush", "hush-hush".repeat(10), "hush\u0000hush"];
    for (const value of values) expect(mistakesIn({ ...good, [name]: value }).join()).not.toContain("hush");
  });

  test("a bad environment prints every mistake and no secret, and exits with 2", async () => {
    // A folder of its own, so that no `.env` of a developer mends what the test breaks.
    const folder = await mkdtemp(join(tmpdir(), "parley-config-"));
    const root = resolve(import.meta.dirname, "../..");
    const script = `import { configOrExit } from ${JSON.stringify(pathToFileURL(join(root, "server/config.ts")).href)}; configOrExit();`;
    const tsx = pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs")).href;
    try {
      const run = await new Promise<{ code: unknown; output: string }>((done) => {
        const args = ["--import", tsx, "--input-type=module", "--eval", script];
        const env = { PATH: process.env.PATH, ...bad };
        execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) =>
          done({ code: error?.code ?? 0, output: stdout + stderr }),
        );
      });
      expect(run.code).toBe(2);
      expect(run.output).toContain("5 mistakes");
      for (const name of Object.keys(bad)) expect(run.output).toContain(`- ${name}: `);
      expect(run.output).not.toContain("hush");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
