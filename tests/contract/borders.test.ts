import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowed, offences } from "./border-samples.ts";

const root = resolve(import.meta.dirname, "../..");
let house: string;
const told = new Map<string, string>();

/** Lints every sample in one run, in a house of its own: a broken sample never lies in the tree that others lint. */
beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), "parley-borders-"));
  await copyFile(join(root, ".oxlintrc.json"), join(house, ".oxlintrc.json"));
  const compilerOptions = { target: "ES2023", module: "NodeNext", strict: true, types: [] };
  await writeFile(join(house, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  for (const [, file, code] of [...Object.values(offences).flat(), ...allowed]) {
    await mkdir(dirname(join(house, file)), { recursive: true });
    await writeFile(join(house, file), code);
  }
  const report = await new Promise<string>((done) => {
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
    const args = [oxlint, "--type-aware", "-f", "json", "-c", join(house, ".oxlintrc.json"), house];
    execFile(process.execPath, args, { cwd: root, maxBuffer: 1 << 26 }, (_, stdout, stderr) => done(stdout || stderr));
  });
  const { diagnostics } = JSON.parse(report) as { diagnostics: { filename: string; message: string; help?: string }[] };
  for (const { filename, message, help } of diagnostics) {
    const file = relative(house, resolve(root, filename));
    told.set(file, `${told.get(file) ?? ""}${message} ${help ?? ""}\n`);
  }
});

afterAll(() => rm(house, { recursive: true, force: true }));

describe("the linter keeps the borders of the house", () => {
  const broken = Object.entries(offences).flatMap(([says, samples]) =>
    samples.map(([rule, file]) => ({ rule, file, says })),
  );

  test.each(broken)("$rule", ({ file, says }) => {
    expect(told.get(file)).toContain(says);
  });

  test.each(allowed)("%s", (_, file) => {
    expect(told.get(file)).toBeUndefined();
  });
});

/** Code without its comments, which may speak of what code may not do. */
const withoutComments = (code: string) => code.replace(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gmu, "");

/** Whether code addresses a room: `io.to(room)`, `io.in(room)`, `io.except(room)`. */
const addressesRooms = (code: string) => /\.(to|in|except)\(/u.test(withoutComments(code));

/** Whether code makes the name of a room, which starts like one of `rooms.ts`, or joins one it spells itself. */
const namesRooms = (code: string, beginnings: string[]) =>
  beginnings.some((beginning) => withoutComments(code).includes(`\`${beginning}\${`)) ||
  /socket\.(join|leave)\(\s*["'`]/iu.test(withoutComments(code));

describe("rooms have one place", () => {
  const beginnings: string[] = [];
  const sources = new Map<string, string>();

  beforeAll(async () => {
    for (const folder of ["server", "workers"])
      for (const name of await readdir(join(root, folder), { recursive: true }))
        if (name.endsWith(".ts")) sources.set(join(folder, name), await readFile(join(root, folder, name), "utf8"));
    const rooms = await readFile(join(root, "server/realtime/rooms.ts"), "utf8");
    for (const [, beginning] of rooms.matchAll(/`([\w-]+:)\$\{/gu)) beginnings.push(beginning ?? "");
  });

  test("only publish.ts addresses rooms", () => {
    const places = [...sources].filter(([, code]) => addressesRooms(code)).map(([file]) => file);
    expect(places).toEqual(["server/realtime/publish.ts"]);
  });

  test("only rooms.ts makes the names of rooms", () => {
    expect(beginnings).not.toEqual([]);
    const places = [...sources].filter(([, code]) => namesRooms(code, beginnings)).map(([file]) => file);
    expect(places).toEqual(["server/realtime/rooms.ts"]);
  });

  test("an offence elsewhere would be seen", () => {
    expect(addressesRooms(`io.to(room).emit("entry:appended");`)).toBe(true);
    expect(addressesRooms(`namespace\n  .except(room)\n  .emit("entry:appended");`)).toBe(true);
    expect(addressesRooms(`// never io.to(room)\nconst { to } = range;`)).toBe(false);
    expect(namesRooms("await socket.join(`mine`);", [])).toBe(true);
    expect(namesRooms("const room = `t:${tenantId}`;", ["t:"])).toBe(true);
    expect(namesRooms("await socket.join(timelineRoom(conversation));", ["t:"])).toBe(false);
  });
});
