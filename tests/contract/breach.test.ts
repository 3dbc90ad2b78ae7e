import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { breachOf } from "../../server/breach.ts";
import { routes } from "../../server/contract/admin.ts";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands, RouteSpec } from "../../server/contract/define.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { fieldsOf, wrongValues } from "../socket/support/samples.ts";

const sent = "what-somebody-wrote";
const wrong = [
  ...wrongValues,
  undefined,
  null,
  {},
  [],
  [sent],
  { [sent]: sent },
  sent,
  sent.repeat(1_000),
  " ",
  0.5,
  1e15,
];

const commands: Commands = { ...widgetCommands, ...agentCommands };
const schemas: [string, v.GenericSchema][] = [
  ...Object.entries(commands).map(([name, { payload }]) => [name, payload] as [string, v.GenericSchema]),
  ...Object.entries(routes as Record<string, RouteSpec>).flatMap(([name, { params, query, body }]) =>
    [params, query, body].flatMap((schema) => (schema ? [[name, schema] as [string, v.GenericSchema]] : [])),
  ),
];

test.each(schemas)(
  "whatever %s refuses is said in words that tell what must be, and never what was sent",
  (_, schema) => {
    for (const { schema: field } of fieldsOf(schema)) {
      const holder = v.object({ field });
      for (const value of wrong) {
        for (const issue of v.safeParse(holder, { field: value }).issues ?? []) {
          const said = breachOf(issue, "body");
          expect(said).toMatch(/^body\.field[^:]*: (?:must|is missing|is not known here)/u);
          expect(said.slice(said.indexOf(": "))).not.toContain(sent);
        }
      }
    }
  },
);

describe("a breach", () => {
  const said = (schema: v.GenericSchema, value: unknown) => breachOf(v.safeParse(schema, value).issues![0], "body");

  test("names the field by its path, and what is at the root by that", () => {
    const schema = v.object({ owner: v.array(v.object({ name: v.pipe(v.string(), v.minLength(1)) })) });
    expect(said(schema, { owner: [{ name: "" }] })).toBe("body.owner.0.name: must not be empty");
    expect(said(schema, [])).toBe("body.owner: is missing");
    expect(said(schema, 7)).toBe("body: must be an object");
  });

  test("counts in what is counted", () => {
    expect(said(v.pipe(v.string(), v.minLength(10)), "short")).toBe("body: must have at least 10 characters");
    expect(said(v.pipe(v.array(v.string()), v.maxLength(1)), ["a", "b"])).toBe("body: must have at most 1 item");
    expect(said(v.picklist(["basic", "pro"]), "gold")).toBe("body: must be one of basic, pro");
  });
});
