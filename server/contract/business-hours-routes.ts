import * as v from "valibot";
import { Holiday, WeeklyInterval } from "./business-hours.ts";
import { route } from "./define.ts";
import { Id } from "./entities.ts";
import { Name, pageOf, pageQuery } from "./rest.ts";
import { TimeZone } from "./workspace-routes.ts";

const startsInTheDay = (interval: { from: string }) => interval.from !== "24:00";
const isRealDate = (date: string) => {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
};
const datesDiffer = (holidays: Holiday[]) => new Set(holidays.map(({ date }) => date)).size === holidays.length;

const intervalsInAll = (holidays: Holiday[]) =>
  holidays.reduce((sum, { intervals = [] }) => sum + intervals.length, 0) <= 400;

const lateStart = "must be 23:59 at the latest: what begins at 24:00 begins on the next day";
// Hours are looked at by every conversation and visitor; whatever was saved when more was allowed goes on.
const Intervals = v.pipe(
  v.array(
    v.pipe(
      WeeklyInterval,
      v.check((interval) => startsInTheDay(interval), lateStart),
    ),
  ),
  v.maxLength(140, "must be at most 140 intervals"),
);
const Holidays = v.pipe(
  v.array(
    v.pipe(
      Holiday,
      v.check(({ date }) => isRealDate(date), "must be a day that exists"),
      v.check(({ intervals = [] }) => intervals.every(startsInTheDay), lateStart),
    ),
  ),
  v.maxLength(200, "must be at most 200 holidays"),
  v.check(intervalsInAll, "must not have more than 400 intervals of their own in all"),
  v.check(datesDiffer, "must not name a date twice"),
);

/**
 * When somebody is there. `open`: at this moment. `nextChangeAt`: when that ends; null where it lasts more than two years.
 * `departments`: whose hours these are.
 */
export const BusinessHours = v.object({
  id: v.string(),
  name: v.string(),
  timeZone: v.string(),
  intervals: v.array(WeeklyInterval),
  holidays: v.array(Holiday),
  open: v.boolean(),
  nextChangeAt: v.nullable(v.string()),
  departments: v.array(v.object({ id: v.string(), name: v.string() })),
  createdAt: v.string(),
});
export type BusinessHours = v.InferOutput<typeof BusinessHours>;

const BusinessHoursParams = v.strictObject({ businessHoursId: Id });
const one = v.object({ businessHours: BusinessHours });

const exampleWeek = [1, 2, 3, 4, 5].flatMap((weekday) => [
  { weekday, from: "09:00", to: "12:30" },
  { weekday, from: "13:30", to: "18:00" },
]);

/** Business hours: a workspace keeps any number, and departments choose among them. */
export const businessHoursRoutes = {
  "business-hours/list": route({
    summary: "List business hours, the oldest first",
    method: "GET",
    path: "/business-hours",
    auth: "agent",
    query: v.strictObject(pageQuery),
    status: 200,
    response: pageOf(BusinessHours),
    permission: "department.read",
    limit: "read",
  }),
  "business-hours/create": route({
    summary:
      "Create business hours: weekly intervals of local time, past midnight where `to` is not after `from`, and holidays, which end at their midnight what began the day before",
    example: {
      body: {
        name: "Office hours",
        timeZone: "Europe/Berlin",
        intervals: exampleWeek,
        holidays: [
          { date: "2026-12-25", name: "Christmas Day" },
          { date: "2026-12-31", name: "New Year's Eve", intervals: [{ from: "09:00", to: "12:00" }] },
        ],
      },
    },
    method: "POST",
    path: "/business-hours",
    auth: "agent",
    body: v.strictObject({
      name: Name,
      timeZone: TimeZone,
      intervals: Intervals,
      holidays: v.optional(Holidays),
    }),
    status: 201,
    response: one,
    permission: "department.manage",
    errors: ["conflict"],
    limit: "write",
  }),
  "business-hours/get": route({
    summary: "Read business hours",
    method: "GET",
    path: "/business-hours/:businessHoursId",
    auth: "agent",
    params: BusinessHoursParams,
    status: 200,
    response: one,
    permission: "department.read",
    limit: "read",
  }),
  "business-hours/update": route({
    summary: "Change business hours; `intervals` and `holidays` replace the ones there are",
    example: { body: { timeZone: "Europe/Vienna" } },
    method: "PATCH",
    path: "/business-hours/:businessHoursId",
    auth: "agent",
    params: BusinessHoursParams,
    body: v.strictObject({
      name: v.optional(Name),
      timeZone: v.optional(TimeZone),
      intervals: v.optional(Intervals),
      holidays: v.optional(Holidays),
    }),
    status: 200,
    response: one,
    permission: "department.manage",
    errors: ["conflict"],
    limit: "write",
  }),
  "business-hours/delete": route({
    summary: "Delete business hours that no department uses",
    method: "DELETE",
    path: "/business-hours/:businessHoursId",
    auth: "agent",
    params: BusinessHoursParams,
    status: 204,
    response: null,
    permission: "department.manage",
    errors: ["conflict"],
    limit: "write",
  }),
};
