import { describe, expect, test, vi } from "vitest";
import type { Holiday, WeeklyInterval } from "../../server/contract/business-hours.ts";
import {
  type Hours,
  isOpenAt,
  nextClosing,
  nextOpening,
  statusAt,
} from "../../server/features/business-hours/hours.ts";

const everyDay = (...spans: string[]): WeeklyInterval[] =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => on(weekday, ...spans));

/** Spans written `HH:MM-HH:MM` on one weekday; 1 is Monday. */
const on = (weekday: number, ...spans: string[]): WeeklyInterval[] =>
  spans.map((span) => ({ weekday, from: span.slice(0, 5), to: span.slice(6) }));

const desk = (timeZone: string, intervals: WeeklyInterval[], holidays: Holiday[] = []): Hours => ({
  timeZone,
  intervals,
  holidays,
});

/** The stretches in which a desk is open between two instants, read off by asking for the next change again and again. */
const stretches = (hours: Hours, from: string, to: string): string[] => {
  const found: string[] = [];
  const end = new Date(to);
  for (let at = new Date(from); at < end;) {
    const opens = nextOpening(hours, at);
    if (!opens || opens >= end) break;
    const closes = nextClosing(hours, opens) ?? end;
    const last = closes < end ? closes : end;
    found.push(`${opens.toISOString().slice(0, 16)}/${last.toISOString().slice(0, 16)}`);
    at = last;
  }
  return found;
};

type Case = [rule: string, hours: Hours, from: string, to: string, expected: string[]];

const cases: Case[] = [
  [
    "office hours keep their local time when Berlin puts its clocks forward",
    desk("Europe/Berlin", everyDay("09:00-17:00")),
    "2026-03-28T00:00Z",
    "2026-03-30T00:00Z",
    ["2026-03-28T08:00/2026-03-28T16:00", "2026-03-29T07:00/2026-03-29T15:00"],
  ],
  [
    "a night shift is an hour shorter in Berlin's spring",
    desk("Europe/Berlin", on(6, "22:00-06:00")),
    "2026-03-28T12:00Z",
    "2026-03-29T12:00Z",
    ["2026-03-28T21:00/2026-03-29T04:00"],
  ],
  [
    "a night shift is an hour longer in Berlin's autumn",
    desk("Europe/Berlin", on(6, "22:00-06:00")),
    "2026-10-24T12:00Z",
    "2026-10-25T12:00Z",
    ["2026-10-24T20:00/2026-10-25T05:00"],
  ],
  [
    "what lies within the hour Berlin skips does not take place",
    desk("Europe/Berlin", everyDay("02:15-02:45")),
    "2026-03-28T12:00Z",
    "2026-03-30T12:00Z",
    ["2026-03-30T00:15/2026-03-30T00:45"],
  ],
  [
    "a desk that opens in the skipped hour opens at its end",
    desk("Europe/Berlin", on(7, "02:30-10:00")),
    "2026-03-28T12:00Z",
    "2026-03-30T00:00Z",
    ["2026-03-29T01:00/2026-03-29T08:00"],
  ],
  [
    "a desk that closes in the skipped hour closes at its beginning",
    desk("Europe/Berlin", on(7, "00:00-02:30")),
    "2026-03-28T12:00Z",
    "2026-03-30T00:00Z",
    ["2026-03-28T23:00/2026-03-29T01:00"],
  ],
  [
    "the whole hour that comes twice is open twice, without a break",
    desk("Europe/Berlin", on(7, "02:00-03:00")),
    "2026-10-24T12:00Z",
    "2026-10-26T00:00Z",
    ["2026-10-25T00:00/2026-10-25T02:00"],
  ],
  [
    "a half of the hour that comes twice is open both times",
    desk("Europe/Berlin", on(7, "01:00-02:30")),
    "2026-10-24T12:00Z",
    "2026-10-26T00:00Z",
    ["2026-10-24T23:00/2026-10-25T00:30", "2026-10-25T01:00/2026-10-25T01:30"],
  ],
  [
    "New York's evenings end at the hour that comes once",
    desk("America/New_York", on(6, "18:00-02:00")),
    "2026-10-31T12:00Z",
    "2026-11-02T00:00Z",
    ["2026-10-31T22:00/2026-11-01T07:00"],
  ],
  [
    "two desks side by side in one night are one stretch in New York's spring",
    desk("America/New_York", [...on(6, "20:00-02:00"), ...on(7, "02:00-08:00")]),
    "2026-03-07T12:00Z",
    "2026-03-09T00:00Z",
    ["2026-03-08T01:00/2026-03-08T12:00"],
  ],
  [
    "Lord Howe Island loses half an hour",
    desk("Australia/Lord_Howe", on(7, "01:00-04:00")),
    "2026-10-03T00:00Z",
    "2026-10-04T12:00Z",
    ["2026-10-03T14:30/2026-10-03T17:00"],
  ],
  [
    "Lord Howe Island gains half an hour",
    desk("Australia/Lord_Howe", on(7, "01:00-04:00")),
    "2026-04-04T00:00Z",
    "2026-04-05T12:00Z",
    ["2026-04-04T14:00/2026-04-04T17:30"],
  ],
  [
    "Lord Howe Island's half hour that comes twice is open twice",
    desk("Australia/Lord_Howe", on(7, "01:30-01:45")),
    "2026-04-04T00:00Z",
    "2026-04-05T12:00Z",
    ["2026-04-04T14:30/2026-04-04T14:45", "2026-04-04T15:00/2026-04-04T15:15"],
  ],
  [
    "Kolkata is five and a half hours ahead all year",
    desk("Asia/Kolkata", everyDay("09:30-18:00")),
    "2026-03-28T12:30Z",
    "2026-03-30T00:00Z",
    ["2026-03-29T04:00/2026-03-29T12:30"],
  ],
  [
    "Casablanca leaves its summer time for Ramadan",
    desk("Africa/Casablanca", everyDay("09:00-12:00")),
    "2026-02-14T00:00Z",
    "2026-02-16T00:00Z",
    ["2026-02-14T08:00/2026-02-14T11:00", "2026-02-15T09:00/2026-02-15T12:00"],
  ],
  [
    "Casablanca comes back to it afterwards",
    desk("Africa/Casablanca", everyDay("09:00-12:00")),
    "2026-03-21T00:00Z",
    "2026-03-23T00:00Z",
    ["2026-03-21T09:00/2026-03-21T12:00", "2026-03-22T08:00/2026-03-22T11:00"],
  ],
  [
    "the Friday that Apia never had has no office hours",
    desk("Pacific/Apia", everyDay("09:00-17:00")),
    "2011-12-29T10:00Z",
    "2011-12-31T10:00Z",
    ["2011-12-29T19:00/2011-12-30T03:00", "2011-12-30T19:00/2011-12-31T03:00"],
  ],
  [
    "a desk that is open on Fridays only waits a week longer in Apia",
    desk("Pacific/Apia", on(5, "09:00-17:00")),
    "2011-12-24T12:00Z",
    "2012-01-07T00:00Z",
    ["2012-01-05T19:00/2012-01-06T03:00"],
  ],
  [
    "Apia goes from Thursday night straight into Saturday, and so does a desk that never closes",
    desk("Pacific/Apia", everyDay("00:00-24:00")),
    "2011-12-29T00:00Z",
    "2012-01-01T00:00Z",
    ["2011-12-29T00:00/2012-01-01T00:00"],
  ],
  [
    "a day that begins at one in São Paulo has no first hour",
    desk("America/Sao_Paulo", on(7, "00:00-02:00")),
    "2018-11-03T12:00Z",
    "2018-11-05T00:00Z",
    ["2018-11-04T03:00/2018-11-04T04:00"],
  ],
  [
    "a desk that closes at a midnight that does not exist closes where it would have been",
    desk("America/Sao_Paulo", on(6, "20:00-24:00")),
    "2018-11-03T12:00Z",
    "2018-11-05T00:00Z",
    ["2018-11-03T23:00/2018-11-04T03:00"],
  ],
  [
    "the last hour of a Saturday that comes twice in São Paulo is open twice",
    desk("America/Sao_Paulo", on(6, "22:00-24:00")),
    "2018-02-17T12:00Z",
    "2018-02-19T00:00Z",
    ["2018-02-18T00:00/2018-02-18T03:00"],
  ],
  [
    "a desk without a break is one stretch, whatever the clocks do",
    desk("Europe/Berlin", everyDay("08:00-08:00")),
    "2026-10-24T00:00Z",
    "2026-10-27T00:00Z",
    ["2026-10-24T00:00/2026-10-27T00:00"],
  ],
  [
    "overlapping intervals are one",
    desk("UTC", on(3, "09:00-12:00", "11:00-13:00", "13:00-14:00", "10:00-10:30")),
    "2026-11-18T00:00Z",
    "2026-11-19T00:00Z",
    ["2026-11-18T09:00/2026-11-18T14:00"],
  ],
  [
    "there may be any number of intervals in a day",
    desk("UTC", on(3, "06:00-07:00", "09:00-10:00", "12:00-13:00", "23:00-00:00")),
    "2026-11-18T00:00Z",
    "2026-11-20T00:00Z",
    [
      "2026-11-18T06:00/2026-11-18T07:00",
      "2026-11-18T09:00/2026-11-18T10:00",
      "2026-11-18T12:00/2026-11-18T13:00",
      "2026-11-18T23:00/2026-11-19T00:00",
    ],
  ],
  [
    "Sunday night runs into Monday",
    desk("UTC", on(7, "23:00-01:00")),
    "2026-11-22T00:00Z",
    "2026-11-24T00:00Z",
    ["2026-11-22T23:00/2026-11-23T01:00"],
  ],
];

test.each(cases)("%s", (_rule, hours, from, to, expected) => {
  expect(stretches(hours, from, to)).toEqual(expected);
});

describe("holidays", () => {
  const nights = everyDay("22:00-06:00");

  test("a closed day ends at its midnight what began the night before, and its own night does not begin", () => {
    const hours = desk("Europe/Berlin", nights, [{ date: "2026-12-25" }]);
    expect(stretches(hours, "2026-12-24T12:00Z", "2026-12-27T12:00Z")).toEqual([
      "2026-12-24T21:00/2026-12-24T23:00",
      "2026-12-26T21:00/2026-12-27T05:00",
    ]);
  });

  test("a holiday with intervals is open at these and at nothing else", () => {
    const hours = desk("UTC", everyDay("09:00-17:00"), [
      { date: "2026-12-31", intervals: [{ from: "08:00", to: "10:00" }] },
    ]);
    expect(stretches(hours, "2026-12-31T00:00Z", "2027-01-01T00:00Z")).toEqual(["2026-12-31T08:00/2026-12-31T10:00"]);
  });

  test("a holiday's own night runs into the next day, unless that is a holiday too", () => {
    const party: Holiday = { date: "2026-12-31", intervals: [{ from: "20:00", to: "02:00" }] };
    expect(stretches(desk("UTC", [], [party]), "2026-12-31T00:00Z", "2027-01-02T00:00Z")).toEqual([
      "2026-12-31T20:00/2027-01-01T02:00",
    ]);
    const both = desk("UTC", [], [party, { date: "2027-01-01" }]);
    expect(stretches(both, "2026-12-31T00:00Z", "2027-01-02T00:00Z")).toEqual(["2026-12-31T20:00/2027-01-01T00:00"]);
  });

  test("a holiday is a day of the desk's own zone", () => {
    const hours = desk("Pacific/Auckland", everyDay("00:00-24:00"), [{ date: "2026-02-06" }]);
    expect(nextClosing(hours, new Date("2026-02-01T00:00Z"))).toEqual(new Date("2026-02-05T11:00Z"));
    expect(nextOpening(hours, new Date("2026-02-05T11:00Z"))).toEqual(new Date("2026-02-06T11:00Z"));
  });

  test("a holiday on the day the clocks change is as long as that day", () => {
    const hours = desk("Europe/Berlin", everyDay("00:00-24:00"), [{ date: "2026-10-25" }]);
    expect(nextClosing(hours, new Date("2026-10-24T12:00Z"))).toEqual(new Date("2026-10-24T22:00Z"));
    expect(nextOpening(hours, new Date("2026-10-25T12:00Z"))).toEqual(new Date("2026-10-25T23:00Z"));
  });
});

describe("what never comes", () => {
  const at = new Date("2026-11-21T12:00Z");

  test("a desk without hours never opens and is closed now", () => {
    expect(nextOpening(desk("UTC", []), at)).toBeNull();
    expect(nextClosing(desk("UTC", []), at)).toEqual(at);
    expect(isOpenAt(desk("UTC", []), at)).toBe(false);
  });

  test("a desk without breaks never closes and is open now", () => {
    const always = desk("UTC", everyDay("00:00-24:00"));
    expect(nextClosing(always, at)).toBeNull();
    expect(nextOpening(always, at)).toEqual(at);
  });

  test("a desk that is open on one holiday only opens then, and never again", () => {
    const once = desk("UTC", [], [{ date: "2027-06-01", intervals: [{ from: "09:00", to: "10:00" }] }]);
    expect(nextOpening(once, at)).toEqual(new Date("2027-06-01T09:00Z"));
    expect(nextOpening(once, new Date("2027-06-01T10:00Z"))).toBeNull();
  });
});

test("the minute a desk opens is open, the minute it closes is closed", () => {
  const hours = desk("UTC", on(3, "09:00-17:00"));
  expect(isOpenAt(hours, new Date("2026-11-18T08:59:59.999Z"))).toBe(false);
  expect(isOpenAt(hours, new Date("2026-11-18T09:00:00.000Z"))).toBe(true);
  expect(isOpenAt(hours, new Date("2026-11-18T16:59:59.999Z"))).toBe(true);
  expect(isOpenAt(hours, new Date("2026-11-18T17:00:00.000Z"))).toBe(false);
});

test("a time zone that is none is an error that names it", () => {
  expect(() => isOpenAt(desk("Mars/Olympus_Mons", everyDay("09:00-17:00")), new Date())).toThrow(/Mars\/Olympus_Mons/u);
});

describe("however much a tenant makes of their hours", () => {
  const from = Date.parse("2026-03-01T00:00:00Z");
  const dates = Array.from({ length: 730 }, (_, day) => new Date(from + day * 86_400_000).toISOString().slice(0, 10));
  const closedFor = (days: number): Holiday[] => dates.slice(0, days).map((date) => ({ date }));
  const pieces = Array.from({ length: 20 }, (_, hour) => ({
    from: `${String(hour).padStart(2, "0")}:00`,
    to: `${String(hour).padStart(2, "0")}:30`,
  }));
  const heavy: [string, Hours][] = [
    ["years of holidays", desk("Europe/Berlin", everyDay("09:00-17:00"), closedFor(700))],
    [
      "years of holidays, of which the last is open",
      desk("Europe/Berlin", [], [...closedFor(699), { date: dates[699]!, intervals: pieces }]),
    ],
    [
      "always open, with years of holidays that are open too",
      desk(
        "Europe/Berlin",
        everyDay("00:00-24:00"),
        dates.slice(0, 500).map((date) => ({ date, intervals: [{ from: "00:00", to: "24:00" }] })),
      ),
    ],
    [
      "hours that lie where clocks are put forward, and years of holidays",
      desk("Europe/Berlin", on(7, "02:15-02:45"), closedFor(729)),
    ],
  ];

  /** How often the clock of a zone is asked while `work` runs: that is what takes time. */
  const clockReadings = (work: () => unknown): number => {
    const format = vi.spyOn(Intl.DateTimeFormat.prototype as { format: unknown }, "format", "get");
    try {
      work();
      return format.mock.calls.length;
    } finally {
      format.mockRestore();
    }
  };

  test.each(heavy)("%s are found out with a few looks at the clock", (_, hours) => {
    const at = new Date("2026-03-02T12:00Z");
    const readings = clockReadings(() => statusAt(hours, at));
    expect(readings).toBeGreaterThan(0);
    expect(readings).toBeLessThan(150);
  });

  test("what was found out holds until it changes, and is not worked out again", () => {
    const hours = desk("Europe/Berlin", everyDay("09:00-17:00"), closedFor(700));
    const changesAt = new Date("2028-01-30T08:00Z");
    expect(statusAt(hours, new Date("2026-03-02T12:00Z"))).toMatchObject({ open: false, changesAt });
    const later = () => statusAt(hours, new Date("2028-01-30T07:59Z"));
    expect(clockReadings(later)).toBe(0);
    expect(later()).toMatchObject({ open: false, changesAt });
    expect(statusAt(hours, changesAt)).toMatchObject({ open: true, changesAt: new Date("2028-01-30T16:00Z") });
    // Nor is it taken for what was before.
    expect(statusAt(hours, new Date("2026-02-20T12:00Z"))).toMatchObject({ open: true });
  });

  test("where no change is in sight it is looked for again later", () => {
    const hours = desk("UTC", [], [{ date: "2029-01-01", intervals: [{ from: "09:00", to: "10:00" }] }]);
    expect(statusAt(hours, new Date("2026-03-02T12:00Z"))).toMatchObject({ open: false, changesAt: null });
    expect(statusAt(hours, new Date("2028-03-02T12:00Z")).changesAt).toEqual(new Date("2029-01-01T09:00Z"));
  });
});
