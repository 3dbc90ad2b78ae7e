const imports = (specifier: string) => `import * as it from "${specifier}";\nexport const held = it;\n`;
const types = (specifier: string) => `import type * as It from "${specifier}";\nexport type Held = typeof It;\n`;
const exports = (specifier: string) => `export * from "${specifier}";\n`;

type Sample = [rule: string, file: string, code: string];

/** What breaks a border, under a part of the sentence the linter must answer it with. */
export const offences: Record<string, Sample[]> = {
  "valibot and nothing else": [
    ["the contract imports no other package", "server/contract/a.ts", imports("uuid")],
    ["the contract imports nothing of Node", "server/contract/b.ts", imports("node:fs")],
    ["the contract imports nothing of the house", "server/contract/c.ts", types("../config.ts")],
  ],
  "Only server/realtime speaks Socket.IO": [
    ["a feature imports no socket.io", "server/features/tag/a.ts", imports("socket.io")],
    ["http imports no socket.io adapter", "server/http/a.ts", imports("@socket.io/redis-adapter")],
    ["the timeline imports not even a type of socket.io", "server/timeline/a.ts", types("socket.io")],
    ["the app imports no socket.io", "server/app.ts", imports("socket.io")],
    ["a worker imports no socket.io", "workers/a.ts", imports("socket.io")],
    ["db imports no socket.io", "db/a.ts", imports("socket.io")],
    ["the widget imports no socket.io server", "widget-sdk/a.ts", imports("socket.io")],
    ["the desktop imports no socket.io server", "agent-desktop/a.ts", imports("socket.io")],
  ],
  "Only server/http speaks Koa": [
    ["a feature imports not even a type of koa", "server/features/tag/b.ts", types("koa")],
    ["realtime imports no koa", "server/realtime/a.ts", imports("@koa/router")],
    ["the timeline imports no koa", "server/timeline/b.ts", imports("koa-send")],
    ["the start of a node imports no koa", "server/index.ts", imports("koa")],
    ["a worker imports no koa", "workers/b.ts", imports("koa")],
    ["db imports no koa", "db/b.ts", imports("koa")],
  ],
  "Only db and server/timeline speak to Postgres": [
    ["a feature imports no pg", "server/features/tag/c.ts", imports("pg")],
    ["http imports no pg", "server/http/b.ts", imports("pg")],
    ["realtime imports no pg", "server/realtime/b.ts", imports("pg")],
    ["the launcher imports no pg", "server/launch/a.ts", imports("pg")],
    ["a worker imports no pg", "workers/c.ts", imports("pg")],
    ["a re-export crosses no border", "server/deps.ts", exports("pg")],
  ],
  "A feature emits through its context": [
    ["a feature never reaches io", "server/features/tag/d.ts", types("../../realtime/io.ts")],
    [
      "a dynamic import crosses no border",
      "server/features/tag/e.ts",
      `export const io = import("../../realtime/io.ts");\n`,
    ],
  ],
  "A worker has no sockets": [["a worker never reaches io", "workers/d.ts", imports("../server/realtime/io.ts")]],
  "A worker serves no HTTP": [
    ["a worker serves no HTTP", "workers/jobs/sla/a.ts", imports("../../../server/http/koa.ts")],
  ],
  "db knows the contract and the configuration": [
    ["db imports no feature", "db/schema/a.ts", imports("../../server/features/tag/a.ts")],
    ["db imports no other part of the server", "db/c.ts", types("../server/deps.ts")],
  ],
  "The widget takes only types": [
    ["the widget imports no values of the contract", "widget-sdk/b.ts", imports("../server/contract/widget.ts")],
  ],
  "the widget knows only the contract": [
    ["the widget imports no other part of the server", "widget-sdk/core/a.ts", types("../../server/config.ts")],
  ],
  "The widget knows the contract and itself": [
    ["the widget imports no other part of the house", "widget-sdk/c.ts", imports("../agent-desktop/list/views.ts")],
  ],
  "The desktop knows the contract": [
    ["the desktop imports no other part of the server", "agent-desktop/b.ts", types("../server/realtime/rooms.ts")],
    ["the desktop imports no widget but its core", "agent-desktop/c.ts", imports("../widget-sdk/ui/launcher.ts")],
    ["the desktop imports no other part of the house", "agent-desktop/d.ts", imports("../db/client.ts")],
  ],
  "usage of `process.env`": [
    [
      "nothing but the configuration reads the environment",
      "server/realtime/c.ts",
      `export const { PORT } = process.env;\n`,
    ],
  ],
  "waits for every node": [
    [
      "nothing asks the whole cluster for its sockets",
      "server/realtime/d.ts",
      `export const all = (io: { fetchSockets: () => number }) => io.fetchSockets();\n`,
    ],
  ],
  "Unexpected console statement": [
    ["nothing prints but commands", "server/realtime/e.ts", `console.log("here");\nexport {};\n`],
  ],
  "Dependency cycle": [
    ["imports close no cycle", "server/features/ring/a.ts", imports("./b.ts")],
    ["a cycle over three files is seen from the second", "server/features/ring/b.ts", imports("./c.ts")],
    ["a cycle over three files is seen from the third", "server/features/ring/c.ts", imports("./a.ts")],
  ],
  "Maximum allowed is 400": [
    ["no file is longer than 400 lines", "server/features/tag/f.ts", `export {};\n${"//\n".repeat(400)}`],
  ],
  "Promises must be awaited": [
    [
      "no promise is left floating",
      "server/features/tag/g.ts",
      `const later = async (): Promise<number> => 1;\nlater();\nexport {};\n`,
    ],
  ],
  "a void return was expected": [
    [
      "no async function stands where nobody awaits it",
      "server/features/tag/h.ts",
      `export const all = (list: Promise<number>[]) => list.forEach(async (one) => { await one; });\n`,
    ],
  ],
  "await` of a non-Promise": [
    [
      "only promises are awaited",
      "server/features/tag/i.ts",
      `export const three = async (three: number) => { await three; };\n`,
    ],
  ],
};

/** What keeps the borders: the linter must have nothing to say. */
export const allowed: Sample[] = [
  ["the contract imports valibot and its own folder", "server/contract/z.ts", imports("valibot") + exports("./y.ts")],
  ["realtime imports socket.io", "server/realtime/z.ts", imports("socket.io") + exports("@socket.io/redis-adapter")],
  ["http imports koa", "server/http/z.ts", imports("koa") + exports("@koa/router")],
  ["the timeline imports pg", "server/timeline/z.ts", imports("pg")],
  ["features import the rest of realtime", "server/features/tag/z.ts", imports("../../realtime/presence.ts")],
  ["workers import features", "workers/z.ts", imports("../server/features/tag/z.ts")],
  ["db imports pg and the configuration", "db/z.ts", imports("pg") + exports("../server/config.ts")],
  ["db imports the contract", "db/y.ts", imports("../server/contract/index.ts")],
  ["the widget imports the contract's types", "widget-sdk/core/z.ts", types("../../server/contract/widget.ts")],
  ["the widget imports the socket.io client", "widget-sdk/z.ts", imports("socket.io-client")],
  ["the desktop imports the contract", "agent-desktop/y.ts", imports("../server/contract/agent.ts")],
  ["the desktop imports the plain client", "agent-desktop/z.ts", imports("../widget-sdk/core/client.ts")],
  ["tests import what they test against", "tests/z.ts", imports("pg") + `export const path = process.env.PATH;\n`],
];
