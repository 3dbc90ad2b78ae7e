import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCheckout, run } from "./stand-in.ts";

let checkout: string;
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), "parley-web-test-"));
  makeCheckout(checkout);
  writeFileSync(join(checkout, "package-lock.json"), "{}");
  for (const [folder, files] of [
    ["widget-sdk", ["widget.js", "demo/index.html"]],
    ["agent-desktop", ["desktop/index.html"]],
  ] as const) {
    mkdirSync(join(checkout, folder));
    writeFileSync(join(checkout, folder, "page.js"), "console.log('as first written');");
    // Vite's own build, which names its outputs as the real one has to.
    const plugin = `{ name: "stand-in", generateBundle() { for (const fileName of ${JSON.stringify(files)}) this.emitFile({ type: "asset", fileName, source: this.getModuleInfo(this.getModuleIds().next().value).code }); } }`;
    writeFileSync(
      join(checkout, folder, "vite.config.ts"),
      `export const builds = [{ root: import.meta.dirname, plugins: [${plugin}], build: { outDir: "../dist/web", emptyOutDir: false, rolldownOptions: { input: import.meta.dirname + "/page.js" } } }];`,
    );
  }
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

const build = async (...args: string[]) => {
  const command = run(checkout, "build-web", { args });
  return { code: await command.ended, output: command.output };
};
const built = (file: string) => readFileSync(join(checkout, "dist/web", file), "utf8");

test("front ends are built when they are missing or their sources have changed, and only then", async () => {
  const first = await build("--stale");
  expect(first).toMatchObject({
    code: 0,
    output: expect.stringMatching(/building the widget[^]*building the desktop/u),
  });
  expect(built("demo/index.html")).toContain("as first written");

  expect((await build("--stale")).output).not.toContain("building");

  writeFileSync(join(checkout, "agent-desktop/page.js"), "console.log('changed');");
  const { output } = await build("--stale");
  expect(output).toContain("building the desktop");
  expect(output).not.toContain("building the widget");
  expect(built("desktop/index.html")).toContain("changed");

  rmSync(join(checkout, "dist/web/widget.js"));
  expect((await build("--stale")).output).toContain("building the widget");
});

test("two builds at once take turns, and the second finds nothing left to do", async () => {
  rmSync(join(checkout, "dist"), { recursive: true, force: true });
  const outputs = (await Promise.all([build("--stale"), build("--stale")])).map(({ output }) => output);
  expect(outputs.filter((output) => output.includes("building the widget"))).toHaveLength(1);
});

test("a front end that can't be built is an error that names it", async () => {
  writeFileSync(join(checkout, "widget-sdk/page.js"), "this is no script");
  expect(await build("--stale")).toMatchObject({ code: 1, output: expect.stringContaining("widget-sdk/page.js") });
  rmSync(join(checkout, "widget-sdk/vite.config.ts"));
  expect(await build("--stale")).toMatchObject({
    code: 1,
    output: expect.stringContaining("vite.config.ts is missing"),
  });
});
