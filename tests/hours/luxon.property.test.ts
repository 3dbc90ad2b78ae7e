import fc from "fast-check";
import { DateTime } from "luxon";
import { expect, test } from "vitest";
import { type Hours, isOpenAt, nextClosing, nextOpening } from "../../server/features/business-hours/hours.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Zones and instants around which their clocks jump, and one that never does. */
const jumps: [zone: string, around: string][] = [
  ["Europe/Berlin", "2026-03-29T01:00Z"],
  ["Europe/Berlin", "2026-10-25T01:00Z"],
  ["America/New_York", "2026-03-08T07:00Z"],
  ["America/New_York", "2026-11-01T06:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T15:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T15:30Z"],
  ["Africa/Casablanca", "2026-02-15T02:00Z"],
  ["Africa/Casablanca", "2026-03-22T02:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00Z"],
  ["America/Sao_Paulo", "2018-11-04T03:00Z"],
  ["America/Sao_Paulo", "2018-02-18T02:00Z"],
  ["Asia/Kolkata", "2026-06-01T00:00Z"],
  ["Antarctica/Troll", "2026-03-29T01:00Z"],
  ["Asia/Pyongyang", "2018-05-04T15:00Z"],
];

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
// Quarters of an hour meet each other and the jumps often; single minutes seldom.
const minute = (most: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: Math.floor(most / 15) }).map((n) => n * 15),
    fc.integer({ min: 0, max: most }),
  );
const span = fc.record({ from: minute(1_439).map(clock), to: minute(1_440).map(clock) });

const scene = fc.constantFrom(...jumps).chain(([timeZone, around]) =>
  fc.record({
    timeZone: fc.constant(timeZone),
    at: fc.integer({ min: -3 * dayMs, max: 3 * dayMs }).map((off) => new Date(Date.parse(around) + off)),
    intervals: fc.array(
      fc
        .record({ weekday: fc.integer({ min: 1, max: 7 }) })
        .chain(({ weekday }) => span.map((s) => ({ weekday, ...s }))),
      { maxLength: 12 },
    ),
    holidays: fc.uniqueArray(
      fc.record({
        date: fc
          .integer({ min: -4, max: 4 })
          .map((off) => new Date(Date.parse(around) + off * dayMs).toISOString().slice(0, 10)),
        intervals: fc.option(fc.array(span, { maxLength: 2 }), { nil: undefined }),
      }),
      { selector: ({ date }) => date, maxLength: 3 },
    ),
  }),
);

/** The same rules, told by luxon's reading of the local clock. */
const isOpenByLuxon = ({ timeZone, intervals, holidays }: Hours, at: Date): boolean => {
  const local = DateTime.fromJSDate(at, { zone: timeZone });
  const time = local.toFormat("HH:mm");
  const spansOf = (day: DateTime) => {
    const holiday = holidays.find(({ date }) => date === day.toISODate());
    return holiday ? (holiday.intervals ?? []) : intervals.filter(({ weekday }) => weekday === day.weekday);
  };
  // A plain calendar: the day before, even one that the zone left out.
  const today = DateTime.utc(local.year, local.month, local.day);
  const begunToday = spansOf(today).some(({ from, to }) => from <= time && (to <= from || time < to));
  if (begunToday || holidays.some(({ date }) => date === today.toISODate())) return begunToday;
  return spansOf(today.minus({ days: 1 })).some(({ from, to }) => to <= from && time < to);
};

test("a desk is open exactly when luxon's clock of its zone says so", () => {
  fc.assert(
    fc.property(scene, ({ at, ...hours }) => {
      expect(isOpenAt(hours, at)).toBe(isOpenByLuxon(hours, at));
    }),
    { numRuns: 3_000 },
  );
});

test("the next change is the first: the minutes before are as they were, and luxon sees the change there", () => {
  fc.assert(
    fc.property(scene, fc.boolean(), ({ at, ...hours }, open) => {
      const found = (open ? nextOpening : nextClosing)(hours, at);
      const end = found?.getTime() ?? at.getTime() + 3 * dayMs;
      const sound =
        found === null ||
        (found >= at &&
          isOpenByLuxon(hours, found) === open &&
          (end === at.getTime() || isOpenByLuxon(hours, new Date(end - 1)) === !open));
      expect(sound).toBe(true);
      // No change between: looked at every seventh minute of at most three days.
      const last = Math.min(end, at.getTime() + 3 * dayMs);
      for (let time = at.getTime(); time < last; time += 7 * minuteMs)
        expect(isOpenAt(hours, new Date(time))).toBe(!open);
    }),
    { numRuns: 300 },
  );
});

test("from any moment, openings and closings take turns", () => {
  fc.assert(
    fc.property(scene, ({ at, ...hours }) => {
      let from = at;
      for (let turn = 0; turn < 4; turn++) {
        const opens = nextOpening(hours, from);
        if (!opens) return;
        const closes = nextClosing(hours, opens);
        if (!closes) return;
        expect(closes.getTime()).toBeGreaterThan(opens.getTime());
        expect(isOpenAt(hours, opens)).toBe(true);
        expect(isOpenAt(hours, closes)).toBe(false);
        from = closes;
      }
    }),
    { numRuns: 200 },
  );
});
