import * as v from "valibot";
import { Id } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";

/** The cursor of a list that is ordered by ids. Throws Refusal `invalid_payload` for anything else. */
export const parseIdCursor = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const parsed = v.safeParse(Id, cursor);
  if (!parsed.success) throw new Refusal("invalid_payload", "The cursor is not one of ours.");
  return parsed.output;
};
