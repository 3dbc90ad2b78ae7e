import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";

/** How `value` differs from what `schema` promises, fields that it does not know included; undefined when it does not. */
export const breachOf = (schema: v.GenericSchema, value: unknown): string | undefined => {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return `${v.getDotPath(issue) ?? "it"}: ${issue.message} in ${JSON.stringify(value)}`;
  }
  if (isDeepStrictEqual(parsed.output, value)) return undefined;
  return `the contract knows only ${JSON.stringify(parsed.output)} of ${JSON.stringify(value)}`;
};
