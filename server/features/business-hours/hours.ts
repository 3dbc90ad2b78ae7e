import type { Holiday, WeeklyInterval } from "../../contract/business-hours.ts";

/**
 * When a desk is open. The clock on its wall decides, and nothing else:
 *
 * - An interval belongs to the local day it begins on; where `to` is not after `from` it runs on to `to` of the next day,
 *   so equal times mean a whole day round.
 * - Clocks put forward: times that do not exist are skipped. A desk that opens in the gap opens at its end, one that closes
 *   in it closes there, and an interval that lies within it does not take place.
 * - Clocks put back: what the clock shows twice counts twice. A desk open from 01:00 to 02:30 that lives through 02:00 to
 *   03:00 two times is closed in the second half of both hours and open in the first half of both.
 * - A holiday is a local day with nothing but its own intervals. What began the day before ends at the holiday's midnight;
 *   the intervals its weekday would have had do not begin; its own may run into the next day like any other.
 */
export type Hours = { timeZone: string; intervals: WeeklyInterval[]; holidays: Holiday[] };

/** From inclusive, to exclusive. */
type Stretch = [from: number, to: number];

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
// Without holidays ahead every week is the same but for what a change of the clock skips, so three weeks hold all there is.
// With them, whoever has nothing in two years has nothing to tell a visitor.
const farthestMs = { plain: 21 * dayMs, withHolidays: 731 * dayMs };

// A name may be written in capitals or not, so there are more names than zones.
const mostClocks = 1_000;
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The clock of an IANA zone; RangeError where there is no such zone. */
const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(timeZone, clock);
  return clock;
};

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
const offsetAt = (timeZone: string, instant: number): number => {
  const second = Math.floor(instant / 1_000) * 1_000;
  const [month, day, year, hour, minute, past] = clockOf(timeZone).format(second).split(/\D+/u).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, past) - second;
};

/** The first instant after `from`, at or before `to`, from which on another offset holds than at `from`. */
const nextTransition = (timeZone: string, from: number, to: number, offset: number): number | undefined => {
  if (offsetAt(timeZone, to) === offset) return undefined;
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(timeZone, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
};

/** `HH:MM` as milliseconds since midnight. */
const sinceMidnight = (time: string): number => (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * minuteMs;

/** The local day a holiday names, counted from 1970-01-01. */
const dayOf = ({ date }: Holiday): number => Date.parse(`${date}T00:00:00Z`) / dayMs;

/** Puts stretches in order, and together where they touch. */
const joined = (stretches: Stretch[]): Stretch[] => {
  const apart: Stretch[] = [];
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    const last = apart.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else apart.push([from, to]);
  }
  return apart;
};

const stretchOf = ({ from, to }: { from: string; to: string }): Stretch => {
  const [start, end] = [sinceMidnight(from), sinceMidnight(to)];
  return [start, end > start ? end : end + dayMs];
};

/** Hours sorted by what is asked of them; each part is made when it is first asked for. */
type Calendar = {
  holidays: ReadonlyMap<number, Holiday>;
  lastHoliday: number;
  onWeekdays: Map<number, Stretch[]>;
  onHolidays: Map<number, Stretch[]>;
};

const calendars = new WeakMap<Hours, Calendar>();

const calendarOf = (hours: Hours): Calendar => {
  let calendar = calendars.get(hours);
  if (!calendar) {
    // Where a date stands twice the first one holds.
    const holidays = new Map(hours.holidays.toReversed().map((holiday) => [dayOf(holiday), holiday]));
    const lastHoliday = Math.max(...holidays.keys());
    calendar = { holidays, lastHoliday, onWeekdays: new Map(), onHolidays: new Map() };
    calendars.set(hours, calendar);
  }
  return calendar;
};

const holidayOf = (hours: Hours, day: number): Holiday | undefined =>
  hours.holidays.length === 0 ? undefined : calendarOf(hours).holidays.get(day);

const remember = (known: Map<number, Stretch[]>, key: number, make: () => Stretch[]): Stretch[] => {
  let stretches = known.get(key);
  if (!stretches) known.set(key, (stretches = make()));
  return stretches;
};

/** What begins on a local day, in milliseconds since its midnight; past a day's length where it runs into the next. */
const beginsOn = (hours: Hours, day: number): Stretch[] => {
  const { onWeekdays, onHolidays } = calendarOf(hours);
  const holiday = holidayOf(hours, day);
  if (holiday) return remember(onHolidays, day, () => joined((holiday.intervals ?? []).map(stretchOf)));
  // 1970-01-01 was a Thursday.
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  return remember(onWeekdays, weekday, () =>
    joined(hours.intervals.filter((each) => each.weekday === weekday).map(stretchOf)),
  );
};

/** When the desk is open on a local day, in milliseconds since its midnight, ordered and apart from each other. */
const openOn = (hours: Hours, day: number): Stretch[] => {
  const begins = beginsOn(hours, day);
  const tail = holidayOf(hours, day) ? 0 : (beginsOn(hours, day - 1).at(-1)?.[1] ?? 0) - dayMs;
  if (tail <= 0) return begins;
  const covered = begins.findIndex(([from]) => from > tail);
  const under = covered === -1 ? begins : begins.slice(0, covered);
  return [[0, Math.max(tail, under.at(-1)?.[1] ?? 0)], ...begins.slice(under.length)];
};

/** Whether a local day is of one kind from beginning to end, whatever its clock does: closed, or open. */
const isAll = (open: boolean, stretches: Stretch[]): boolean =>
  open ? stretches[0]?.[0] === 0 && stretches[0][1] >= dayMs : stretches.length === 0;

const includes = (stretches: Stretch[], time: number) => stretches.some(([from, to]) => from <= time && time < to);

/** The first time of the day, from `time` on, at which the desk is (or is not) open; past the day's end where there is none. */
const firstTime = (stretches: Stretch[], time: number, open: boolean): number => {
  const here = stretches.find(([, to]) => time < to);
  const isOpen = here !== undefined && here[0] <= time;
  if (isOpen === open) return time;
  return (open ? here?.[0] : here?.[1]) ?? dayMs;
};

/**
 * The first instant, from `instant` on, at which the desk is (or is not) open. Walks local days, apart at changes of the
 * clock. Days on which nothing of the kind can be found are passed over without asking the clock, which is what takes time.
 */
const firstInstant = (hours: Hours, instant: Date, open: boolean): Date | null => {
  const start = instant.getTime();
  // A zone is at most a day away from UTC.
  const lately = Math.floor(start / dayMs) - 1;
  const { lastHoliday } = calendarOf(hours);
  const farthest =
    lastHoliday >= lately
      ? Math.min(farthestMs.withHolidays, lastHoliday * dayMs - start + farthestMs.plain)
      : farthestMs.plain;
  for (let at = start; at - start < farthest;) {
    const offset = offsetAt(hours.timeZone, at);
    const day = Math.floor((at + offset) / dayMs);
    let next = day;
    while (isAll(!open, openOn(hours, next)) && next * dayMs - offset - start < farthest) next += 1;
    // Clocks change by a day at most: the day meant has not begun a day before its midnight by today's clock.
    const before = (next - 1) * dayMs - offset;
    if (before > at) {
      at = before;
      continue;
    }
    const midnight = day * dayMs - offset;
    const end = nextTransition(hours.timeZone, at, midnight + dayMs, offset) ?? midnight + dayMs;
    const found = midnight + firstTime(openOn(hours, day), at - midnight, open);
    if (found < end) return new Date(found);
    at = end;
  }
  return null;
};

/** Whether the desk is open at an instant. RangeError for a time zone that is none. */
export const isOpenAt = (hours: Hours, instant: Date): boolean => {
  const local = instant.getTime() + offsetAt(hours.timeZone, instant.getTime());
  const day = Math.floor(local / dayMs);
  return includes(openOn(hours, day), local - day * dayMs);
};

/**
 * The first instant, from `instant` on, at which the desk is open: `instant` itself where it is open then. Null where that
 * is more than two years away. RangeError for a time zone that is none.
 */
export const nextOpening = (hours: Hours, instant: Date): Date | null => {
  const ever = hours.intervals.length > 0 || hours.holidays.some((holiday) => holiday.intervals?.length);
  return ever ? firstInstant(hours, instant, true) : null;
};

/**
 * The first instant, from `instant` on, at which the desk is closed: `instant` itself where it is closed then. Null where
 * that is more than two years away, as for a desk that never closes. RangeError for a time zone that is none.
 */
export const nextClosing = (hours: Hours, instant: Date): Date | null => firstInstant(hours, instant, false);

/** Whether a desk is open, and when that ends; null where that is more than two years away. */
export type HoursStatus = { open: boolean; changesAt: Date | null };

// Where no change is in sight one may come into it.
const longestMs = 60 * minuteMs;
const known = new WeakMap<Hours, HoursStatus & { from: number; until: number }>();

/** The status at an instant, worked out once for all that is asked of the same hours until it changes. RangeError as above. */
export const statusAt = (hours: Hours, instant: Date): HoursStatus => {
  const at = instant.getTime();
  const last = known.get(hours);
  if (last && last.from <= at && at < last.until) return last;
  const open = isOpenAt(hours, instant);
  const changesAt = open ? nextClosing(hours, instant) : nextOpening(hours, instant);
  const status = { open, changesAt, from: at, until: changesAt?.getTime() ?? at + longestMs };
  known.set(hours, status);
  return status;
};
