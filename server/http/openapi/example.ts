import type { JsonSchema } from "./schema.ts";

const moment = "2026-11-21T09:30:00.000Z";
const id = "01939f3a-5c1e-7a3b-9d2f-4b6c8e0a1f57";

/** What a field of this name usually holds, for fields whose schema says no more than that they are text. */
const words: Record<string, string> = {
  accessToken: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl",
  action: "conversation.resolve",
  address: "203.0.113.7",
  body: "Hello! How can I help?",
  code: "not_found",
  description: "Looks after returns.",
  device: "Firefox on Linux",
  email: "ada@acme.test",
  from: "09:00",
  host: "chat.acme.test",
  message: "There is no such conversation.",
  name: "Ada",
  origin: "https://shop.acme.test",
  permissions: "conversation.read",
  reason: "Asked for by the customer.",
  role: "agent",
  slug: "acme",
  subject: "A question about my order",
  timeZone: "Europe/Berlin",
  to: "17:00",
};

const textFor = (field: string, schema: JsonSchema): string => {
  if (schema["format"] === "uuid") return id;
  if (schema["format"] === "date-time") return moment;
  if (schema["format"] === "date") return moment.slice(0, 10);
  if (schema["format"] === "email") return words["email"]!;
  if (/^id$|Ids?$/u.test(field)) return id;
  if (/At$|^serverTime$/u.test(field)) return moment;
  return words[field] ?? "text";
};

/**
 * A value that `schema` accepts, for the documentation: mandatory fields only, told as the name of each suggests.
 * `find` follows a reference.
 */
export const exampleOf = (schema: JsonSchema, find: (ref: string) => JsonSchema, field = ""): unknown => {
  if (schema["examples"]) return schema["examples"][0];
  if (schema["$ref"]) return exampleOf(find(schema["$ref"]), find, field);
  if ("const" in schema) return schema["const"];
  if (schema["enum"]) return schema["enum"][0];
  const [first] = schema["oneOf"] ?? schema["anyOf"] ?? [];
  if (first) return exampleOf(first, find, field);
  switch (schema["type"]) {
    case "object": {
      const mandatory: string[] = schema["required"] ?? [];
      return Object.fromEntries(mandatory.map((key) => [key, exampleOf(schema["properties"][key], find, key)]));
    }
    case "array":
      return [exampleOf(schema["items"] ?? {}, find, field)];
    case "number":
    case "integer":
      return Math.max(schema["minimum"] ?? 1, Math.min(1, schema["maximum"] ?? 1));
    case "boolean":
      return true;
    case "null":
      return null;
    case "string":
      return textFor(field, schema);
    default:
      return {};
  }
};
