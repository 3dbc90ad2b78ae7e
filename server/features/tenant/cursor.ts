import * as v from "valibot";
import { Id, isStorableMoment } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";

const notOurs = () => new Refusal("invalid_payload", "The cursor is not valid here.");

const shape = /^((?:-?\d{1,15}[._])*)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u;
// Room for every counter there is, and for seconds since 1970.
const largest = 99_999_999_999;
/** What stands in a cursor before its id: milliseconds since 1970, or any other whole number. */
type Part = "moment" | "number";

/**
 * The keys of the last row of a page, as the cursor of a list holds them: numbers, and last the row's id. Cursors are opaque
 * to clients, and so may be anything: throws Refusal `invalid_payload` for what no list of ours has ever answered.
 */
export const parseCursor = <const P extends readonly Part[]>(
  cursor: string,
  parts: P,
): { numbers: { [K in keyof P]: number }; id: string } => {
  const [, before = "", id] = shape.exec(cursor) ?? [];
  const numbers = before.split(/[._]/u).slice(0, -1).map(Number);
  const fits = (number: number, i: number) =>
    parts[i] === "moment" ? isStorableMoment(number) : Math.abs(number) <= largest;
  if (id === undefined || numbers.length !== parts.length || !numbers.every(fits)) throw notOurs();
  return { numbers: numbers as { [K in keyof P]: number }, id };
};

/** The cursor of a list that is ordered by ids. Throws Refusal `invalid_payload` for anything else. */
export const parseIdCursor = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const parsed = v.safeParse(Id, cursor);
  if (!parsed.success) throw notOurs();
  return parsed.output;
};
