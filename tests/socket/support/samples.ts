import * as v from "valibot";

/** A schema as valibot keeps it, so that a payload can be made for a command nobody has thought of yet. */
type Schema = v.GenericSchema & {
  type: string;
  entries?: Record<string, Schema>;
  wrapped?: Schema;
  item?: Schema;
  options?: readonly string[];
  pipe?: { type: string }[];
};
export type Path = (string | number)[];
export type Field = { path: Path; schema: Schema; mayMiss: boolean };

const optional = new Set(["optional", "nullish"]);
const wrappers = new Set([...optional, "nullable"]);

const bare = (schema: v.GenericSchema): Schema => {
  const { wrapped } = schema as Schema;
  return wrappers.has(schema.type) ? bare(wrapped!) : schema;
};

/** Every field of a payload, the fields of what it holds included; a list is entered by its first item. */
export const fieldsOf = (schema: v.GenericSchema, path: Path = []): Field[] => {
  const { entries, item } = bare(schema);
  if (item) return [{ path: [...path, 0], schema: item, mayMiss: true }, ...fieldsOf(item, [...path, 0])];
  return Object.entries(entries ?? {}).flatMap(([name, field]) => {
    const at = [...path, name];
    return [{ path: at, schema: field, mayMiss: optional.has(field.type) }, ...fieldsOf(field, at)];
  });
};

/** The paths of all objects with a fixed set of fields, the payload itself first. */
export const objectsOf = (schema: v.GenericSchema): Path[] => [
  [],
  ...fieldsOf(schema).flatMap(({ path, schema: field }) => (bare(field).entries ? [path] : [])),
];

export const isId = (schema: Schema): boolean => (bare(schema).pipe ?? []).some(({ type }) => type === "uuid");

const likely: unknown[] = ["hello", "👍", 1, true, {}];

/** A value that `schema` takes: the one known by this name, or the first of some that fit anywhere. */
const sample = (schema: Schema, name: string, known: Record<string, unknown>): unknown => {
  const { type, item, entries, options = [] } = bare(schema);
  if (name in known) return known[name];
  if (type === "array") return [sample(item!, name, known)];
  if (entries) return minimal(schema, known);
  const fitting = [...options, ...likely].find((value) => v.is(schema, value));
  if (fitting === undefined) throw new Error(`No value for ${name} is known here: add one`);
  return fitting;
};

/** The shortest payload that `schema` takes. */
export const minimal = (schema: v.GenericSchema, known: Record<string, unknown>): Record<string, unknown> => {
  const required = Object.entries(bare(schema).entries ?? {}).filter(([, field]) => !optional.has(field.type));
  return Object.fromEntries(required.map(([name, field]) => [name, sample(field, name, known)]));
};

/** `payload` with `value` at `path`; what lies on the way there and is absent is made. */
export const withValue = (
  schema: v.GenericSchema,
  payload: unknown,
  path: Path,
  value: unknown,
  known: Record<string, unknown>,
): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const at = bare(schema);
  const inner = typeof key === "number" ? at.item! : at.entries![key]!;
  const list = Array.isArray(payload) ? payload : undefined;
  const held = list ? list[key as number] : (payload as Record<string, unknown>)[key];
  const below = held === undefined && rest.length > 0 ? sample(inner, String(key), known) : held;
  const next = withValue(inner, below, rest, value, known);
  if (list) return list.with(key as number, next);
  return { ...(payload as object), [key]: next };
};

/** `payload` without what stands at `path`. */
export const without = (payload: unknown, [key, ...rest]: Path): unknown => {
  if (Array.isArray(payload)) return payload.with(key as number, without(payload[key as number], rest));
  const { [key as string]: held, ...others } = payload as Record<string, unknown>;
  return rest.length > 0 ? { ...others, [key as string]: without(held, rest) } : others;
};

/** What no field takes, or few: each field is tried with all of these that its schema does not take. */
export const wrongValues: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  7,
  1e300,
  Infinity,
  -Infinity,
  "",
  " ",
  "text",
  "7",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "a\udfffb",
  "x".repeat(20_001),
  "🧦".repeat(10_001),
  {},
  { $ne: null },
  { length: 1 },
  { toString: "x" },
  { a: { b: { c: [1, { d: null }] } } },
  [],
  [[[]]],
  [null],
  ["text"],
  Array.from({ length: 201 }, () => null),
];
