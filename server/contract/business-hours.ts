import * as v from "valibot";
import { text } from "./entities.ts";

/** Minutes and hours of a local clock, `00:00` to `24:00`. */
export const ClockTime = v.pipe(
  v.string(),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/u, "must be a time of day, HH:MM"),
);

/** A stretch of each week in local time. `weekday` 1 is Monday; where `to` is not after `from` it ends the next day. */
export const WeeklyInterval = v.strictObject({
  weekday: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)),
  from: ClockTime,
  to: ClockTime,
});
export type WeeklyInterval = v.InferOutput<typeof WeeklyInterval>;

/** A local day that does not follow the week: closed, or open only at `intervals`. */
export const Holiday = v.strictObject({
  date: v.pipe(v.string(), v.isoDate()),
  name: v.optional(text(100, 1)),
  intervals: v.optional(v.pipe(v.array(v.strictObject({ from: ClockTime, to: ClockTime })), v.maxLength(20))),
});
export type Holiday = v.InferOutput<typeof Holiday>;
