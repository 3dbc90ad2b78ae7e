import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { default as addFormats } from "ajv-formats";
import { describeApi } from "../../server/http/openapi.ts";

type Json = { [key: string]: any };

let made: ReturnType<typeof describeApi> | undefined;
/** The API's own description, made once for a test file. */
export const apiDocument = () => (made ??= describeApi());

/** An answer as a test received it. */
export type Answered = { method: string; path: string; status: number; type?: string | undefined; body: unknown };

// What is told of an object's fields is all there may be: a field that nobody described is a leak or a lie.
const closed = (schema: any, isPart = false): any => {
  if (Array.isArray(schema)) return schema.map((each) => closed(each));
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Json = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "allOf" ? (value as unknown[]).map((part) => closed(part, true)) : closed(value),
    ]),
  );
  if (copy["type"] === "object" && copy["properties"] && !("additionalProperties" in copy) && !isPart)
    copy["additionalProperties"] = false;
  if (typeof copy["$ref"] === "string") copy["$ref"] = copy["$ref"].replace(/^#/u, "doc#");
  return copy;
};

let ajv: Ajv2020 | undefined;
/** A validator that knows the document's components. `doc#/components/…` refers to them. */
const validator = (): Ajv2020 => {
  if (ajv) return ajv;
  ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
  (addFormats as unknown as (to: Ajv2020) => void)(ajv);
  ajv.addVocabulary(["components"]);
  ajv.addSchema({ $id: "doc", components: { schemas: closed(apiDocument().components.schemas) } });
  return ajv;
};

/** Compiles a schema of the document. Throws where it is no JSON Schema. */
export const compile = (schema: Json): ValidateFunction => validator().compile(closed(schema));

const compiled = new Map<string, ValidateFunction>();

const asPattern = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/gu, "[^/]+")}$`, "u");

/** The operation behind a request below `/api/v1`, where one is declared; fixed paths go before those with parameters. */
export const operationAt = (method: string, path: string): Json | undefined => {
  const plain = path.split("?")[0]!;
  const key = method.toLowerCase();
  const { paths } = apiDocument();
  return (
    (paths[plain] ?? {})[key] ??
    Object.entries(paths).find(([each, methods]) => methods[key] && asPattern(each).test(plain))?.[1][key]
  );
};

const resolve = (part: Json): Json =>
  part["$ref"]
    ? part["$ref"]
        .split("/")
        .slice(1)
        .reduce((at: Json, key: string) => at[key], apiDocument())
    : part;

/** What is wrong with an answer by the API's own description; nothing where no operation is declared. */
export const faultOf = ({ method, path, status, type, body }: Answered): string | undefined => {
  const operation = operationAt(method, path);
  if (!operation) return undefined;
  const response = operation["responses"][status] && resolve(operation["responses"][status]);
  if (!response) return `${method} ${path} answered ${status}, which is not described: ${JSON.stringify(body)}`;
  const { content } = response;
  if (!content) return body === undefined ? undefined : `${method} ${path} answered ${status} with a body`;
  const media = type?.split(";")[0] ?? "";
  if (!content[media]) return `${method} ${path} answered ${status} as ${media}, which is not described`;
  if (media !== "application/json") return undefined;
  const key = `${operation["operationId"]} ${status}`;
  let matches = compiled.get(key);
  if (!matches) compiled.set(key, (matches = compile(content[media].schema)));
  if (matches(body)) return undefined;
  const faults = matches.errors!.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return `${method} ${path} answered ${status} otherwise than described: ${faults.join("; ")}`;
};

/** Throws where an answer is not as the API describes itself. */
export const expectAsDescribed = (answered: Answered): void => {
  const fault = faultOf(answered);
  if (fault !== undefined) throw new Error(fault);
};
