import { toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 embeds it. */
export type JsonSchema = { [keyword: string]: any };

type Schema = v.GenericSchema<any, any>;
type Item = { kind: string; type: string; requirement?: number; pipe?: Item[] };

// How long a text may be is a check of the contract's own, which counts characters as JSON Schema does; it tells how many.
const tellLength = ({ valibotAction, jsonSchema }: { valibotAction: unknown; jsonSchema: JsonSchema }) => {
  const { type, message } = valibotAction as { type: string; message?: unknown };
  const [, most] = (type === "check" && /at most (\d+) characters$/u.exec(String(message))) || [];
  return most === undefined ? undefined : { ...jsonSchema, maxLength: Number(most) };
};

const settings = { target: "draft-2020-12", errorMode: "ignore", overrideAction: tellLength } as const;

const componentRef = (name: string): string => `#/components/schemas/${name}`;

/** What a request may hold: the input side, before anything is trimmed or turned into a number. */
export const requestSchema = (schema: Schema): JsonSchema => {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema as never, { ...settings, typeMode: "input" });
  return rest;
};

const isSchema = (value: unknown): value is Schema & { entries?: object } =>
  typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "schema";

/** The shapes of the contract that have a name: the document calls them by it. */
export const namedShapes = (modules: object[]): Record<string, Schema> =>
  Object.fromEntries(
    modules
      .flatMap((exports) => Object.entries(exports) as [string, unknown][])
      .filter((entry): entry is [string, Schema] => isSchema(entry[1]) && entry[1].entries !== undefined),
  );

const answerOf = (name: string): string => `answer of ${name}`;

/**
 * The answers of all routes and the named shapes they are made of. One pass over both, because every conversion would
 * otherwise convert all the names again.
 */
export const answerSchemas = (
  answers: Record<string, Schema>,
  named: Record<string, Schema>,
): { answers: Record<string, JsonSchema>; components: Record<string, JsonSchema> } => {
  const nameOf = new Map(Object.entries(named).map(([name, schema]) => [schema, name]));
  const unnamed = Object.entries(answers).filter(([, schema]) => !nameOf.has(schema));
  const converted: Record<string, JsonSchema> = toJsonSchemaDefs(
    { ...named, ...Object.fromEntries(unnamed.map(([route, schema]) => [answerOf(route), schema])) } as never,
    { ...settings, typeMode: "output", overrideRef: ({ referenceId }) => componentRef(referenceId) },
  );
  const schemaOf = ([route, schema]: [string, Schema]): [string, JsonSchema] => {
    const name = nameOf.get(schema);
    return [route, name === undefined ? converted[answerOf(route)]! : { $ref: componentRef(name) }];
  };
  return {
    answers: Object.fromEntries(Object.entries(answers).map(schemaOf)),
    components: Object.fromEntries(Object.keys(named).map((name) => [name, converted[name]!])),
  };
};

const flatten = (items: Item[]): Item[] => items.flatMap((item) => (item.pipe ? flatten(item.pipe) : [item]));

/**
 * A parameter of a path or query. Text that becomes a number or a flag is told as what it becomes, which is how OpenAPI
 * writes parameters.
 */
export const parameterSchema = (schema: Schema): JsonSchema => {
  const inner = (schema as { wrapped?: Schema }).wrapped ?? schema;
  const items = flatten((inner as unknown as Item).pipe ?? []);
  const turns = items.findIndex(({ type }) => type === "transform");
  const told = requestSchema(schema);
  if (turns < 0) return told;
  const { default: fallback } = told;
  const base = fallback === undefined ? {} : { default: JSON.parse(String(fallback)) };
  const bound = (type: string) => items.slice(turns).find((item) => item.type === type)?.requirement;
  const [minimum, maximum] = [bound("min_value"), bound("max_value")];
  if (minimum === undefined && maximum === undefined && told["enum"]?.includes("true"))
    return { type: "boolean", ...base };
  if (minimum === undefined && maximum === undefined) return told;
  return {
    type: "integer",
    ...base,
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
};
