import { relative } from "node:path";
import { fileURLToPath } from "node:url";

type Frame = { functionName: string; url: string; lineNumber: number };
/** What V8's profiler writes; times are microseconds. */
export type CpuProfile = {
  nodes: { id: number; callFrame: Frame; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
};

export type Share = { name: string; micros: number };
/** Self time by area and by function, largest first; without the time in which nothing ran. */
export type Summary = {
  busyMicros: number;
  idleMicros: number;
  areas: Share[];
  functions: (Share & { area: string })[];
};

const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** Libraries by the name of their folder; what is not named here is counted under its own name. */
const libraries: Record<string, string> = {
  "socket.io": "socket.io",
  "socket.io-parser": "socket.io",
  "socket.io-adapter": "socket.io",
  "@socket.io/component-emitter": "socket.io",
  "@socket.io/redis-adapter": "redis and its adapter",
  ioredis: "redis and its adapter",
  "redis-parser": "redis and its adapter",
  "notepack.io": "redis and its adapter",
  "@msgpack/msgpack": "redis and its adapter",
  "engine.io": "engine.io",
  "engine.io-parser": "engine.io",
  ws: "ws",
  pg: "pg",
  "pg-protocol": "pg",
  "pg-pool": "pg",
  valibot: "valibot",
  "prom-client": "prom-client",
};

const folderOf = (url: string): string | undefined => {
  const path = url.split("/node_modules/").at(-1);
  if (path === url || path === undefined) return undefined;
  const [first, second] = path.split("/");
  return first!.startsWith("@") ? `${first}/${second}` : first;
};

/** Calls into the system, as Node's own layer names them. */
const systemCalls = /^(writev|writeBuffer|writeUtf8String|writeLatin1String|readStart|readStop|shutdown|epoll|run)$/u;

const areaOf = ({ functionName, url }: Frame): string => {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "system and native code";
  if (url === "" || url.startsWith("native ")) {
    if (systemCalls.test(functionName)) return "system calls";
    return /parse|stringify/u.test(functionName) ? "json" : "built-ins";
  }
  const library = folderOf(url);
  if (library !== undefined) return libraries[library] ?? library;
  if (url.startsWith("node:")) return "node";
  const path = placeOf(url);
  const own = /^(server\/[^/]+|db|loadtest)/u.exec(path)?.[1];
  return own === undefined ? "other" : `ours: ${own}`;
};

const placeOf = (url: string): string => (url.startsWith("file:") ? relative(checkout, fileURLToPath(url)) : url);

const ranked = <T extends Share>(shares: Iterable<T>): T[] => [...shares].toSorted((a, b) => b.micros - a.micros);

/** Where the time of a profile went. */
export const summarise = ({ nodes, samples, timeDeltas }: CpuProfile): Summary => {
  const self = new Map<number, number>();
  samples.forEach((id, i) => self.set(id, (self.get(id) ?? 0) + Math.max(0, timeDeltas[i]!)));
  const areas = new Map<string, Share>();
  const functions = new Map<string, Share & { area: string }>();
  let busyMicros = 0;
  let idleMicros = 0;
  for (const { id, callFrame } of nodes) {
    const micros = self.get(id) ?? 0;
    // `dispatch` is the profiler being told to start and stop.
    if (callFrame.functionName === "(idle)" || (callFrame.functionName === "dispatch" && callFrame.url === "")) {
      idleMicros += micros;
      continue;
    }
    busyMicros += micros;
    const area = areaOf(callFrame);
    const inArea = areas.get(area) ?? { name: area, micros: 0 };
    inArea.micros += micros;
    areas.set(area, inArea);
    const place =
      callFrame.url === ""
        ? ""
        : ` ${placeOf(callFrame.url).split("node_modules/").at(-1)}:${callFrame.lineNumber + 1}`;
    const name = `${callFrame.functionName || "(anonymous)"}${place}`;
    const one = functions.get(name) ?? { name, area, micros: 0 };
    one.micros += micros;
    functions.set(name, one);
  }
  return { busyMicros, idleMicros, areas: ranked(areas.values()), functions: ranked(functions.values()) };
};

/** The summary as text; `messages` turns times into microseconds a message. */
export const describe = (
  { busyMicros, idleMicros, areas, functions }: Summary,
  messages: number,
  most = 45,
): string => {
  const line = ({ name, micros }: Share) =>
    `${((micros / busyMicros) * 100).toFixed(1).padStart(6)} %${(micros / messages).toFixed(2).padStart(8)} us  ${name}`;
  const spent = `${(busyMicros / messages).toFixed(1)} us a message, ${((busyMicros / (busyMicros + idleMicros)) * 100).toFixed(0)} % of the core`;
  return [
    `Busy: ${spent}; self time by area:`,
    ...areas.filter(({ micros }) => micros > busyMicros / 1_000).map(line),
    "",
    "Self time by function:",
    ...functions.slice(0, most).map(line),
    "",
    "Our own code by function:",
    ...functions
      .filter(({ area }) => area.startsWith("ours"))
      .slice(0, most)
      .map(line),
  ].join("\n");
};
