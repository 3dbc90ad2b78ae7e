import type { WeeklyInterval } from "../../../server/contract/business-hours.ts";

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** 2024-01-01 was a Monday. */
export const weekdayName = (weekday: number, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2024, 0, weekday));

/** What a new set of hours starts from. */
export const officeWeek: WeeklyInterval[] = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: "09:00", to: "17:00" }));

/** A weekday's stretches with their place in the whole list, in the order of the clock. */
export const stretchesOf = (intervals: readonly WeeklyInterval[], weekday: number) =>
  intervals
    .map((interval, at) => ({ ...interval, at }))
    .filter((interval) => interval.weekday === weekday)
    .toSorted((a, b) => a.from.localeCompare(b.from));

/** Where the next stretch of a day begins: after the last one, or at nine. */
export const nextStretch = (intervals: readonly WeeklyInterval[], weekday: number): WeeklyInterval => {
  const last = stretchesOf(intervals, weekday).at(-1);
  if (!last || last.to >= "22:00" || last.to <= last.from) return { weekday, from: "09:00", to: "17:00" };
  const hour = Number(last.to.slice(0, 2));
  const clock = (value: number) => `${String(value).padStart(2, "0")}:00`;
  return { weekday, from: clock(hour + 1), to: clock(Math.min(24, hour + 4)) };
};

/** The stretch ends on the next day. */
export const isOverMidnight = ({ from, to }: { from: string; to: string }): boolean => to <= from;
