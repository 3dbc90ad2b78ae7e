import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { builds } from "../../widget-sdk/vite.config.ts";

const kibibyte = 1024;
let folder: string;
let loader: string;
let app: string;
let page: string;

const found = (code: string, pattern: RegExp) => [...code.matchAll(pattern)].map(([match]) => match);

beforeAll(async () => {
  // As it is built for customers, whatever this run calls itself.
  vi.stubEnv("NODE_ENV", "production");
  folder = await mkdtemp(join(tmpdir(), "parley-widget-"));
  for (const config of builds)
    await build({ ...config, logLevel: "error", build: { ...config.build, outDir: folder } });
  loader = await readFile(join(folder, "widget.js"), "utf8");
  const chunks = await readdir(join(folder, "widget"));
  app = (await Promise.all(chunks.map((name) => readFile(join(folder, "widget", name), "utf8")))).join("\n");
  page = await readFile(join(folder, "demo/index.html"), "utf8");
  vi.unstubAllEnvs();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("what a customer's page loads", () => {
  test("is at most 3 KiB before anybody means to write, and 60 KiB after, compressed", () => {
    expect(gzipSync(loader).length).toBeLessThanOrEqual(3 * kibibyte);
    expect(gzipSync(app).length).toBeLessThanOrEqual(60 * kibibyte);
  });

  test("begins with a classic script that declares nothing on the page", () => {
    expect(() => new Script(loader)).not.toThrow();
    expect(loader).toMatch(/^\(\(\)=>\{.*\}\)\(\);\s*$/su);
    expect(found(loader, /import\(["'`]\./gu)).toEqual([]);
  });

  test("needs no eval, no inline style element and nothing from another host", () => {
    for (const code of [loader, app]) {
      expect(found(code, /\beval\(|new Function\(|createElement\(["'`]style["'`]\)/gu)).toEqual([]);
      // Names of namespaces and a page about an error, none of them ever loaded.
      const hosts = found(code, /https?:\/\/[\w.-]+/gu);
      expect(hosts.filter((url) => !/^https?:\/\/(www\.w3\.org|socket\.io)$/u.test(url))).toEqual([]);
    }
    expect(found(page, /<script>|<style|style="| on\w+="/gu)).toEqual([]);
  });

  test("carries nothing of the contract but its types", () => {
    expect(found(app, /valibot|strictObject|must have at most/gu)).toEqual([]);
  });
});
