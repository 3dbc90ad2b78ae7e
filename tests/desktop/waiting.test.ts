import { describe, expect, test } from "vitest";
import { repliedText, urgencyOf, waitingText } from "../../agent-desktop/list/waiting.ts";
import { clockText, dayText, fullWhen, shortWhen } from "../../agent-desktop/list/when.ts";
import { at, noon } from "./samples.ts";

const minute = 60_000;
const after = (minutes: number) => waitingText(at(0), noon + minutes * minute);

describe("how long somebody waits", () => {
  test("it is told in the units that matter", () => {
    expect([0.5, 7, 59.9, 60, 125, 23 * 60 + 59, 24 * 60, 80 * 60].map(after)).toEqual([
      "now",
      "7 min",
      "59 min",
      "1 h",
      "2 h 5 min",
      "23 h 59 min",
      "1 d",
      "3 d",
    ]);
  });

  test("a first reply tells how long it took", () => {
    expect([0.5, 2, 65].map((minutes) => repliedText(at(0), at(minutes)))).toEqual([
      "within a minute",
      "after 2 min",
      "after 1 h 5 min",
    ]);
  });

  test("a clock that is behind never shows a negative wait", () => {
    expect(after(-3)).toBe("now");
  });

  test("a wait warms at five minutes and glows at fifteen", () => {
    expect([4.9, 5, 14.9, 15].map((minutes) => urgencyOf(at(0), noon + minutes * minute))).toEqual([
      "calm",
      "warm",
      "warm",
      "hot",
    ]);
  });
});

describe("when something happened", () => {
  const local = (year: number, month: number, day: number, hour: number) => new Date(year, month, day, hour);
  const now = local(2026, 10, 20, 9).getTime();

  test("a list shows the clock today, the weekday within a week and the date before", () => {
    expect(shortWhen(local(2026, 10, 20, 8).toISOString(), now, "en-GB")).toBe("08:00");
    expect(shortWhen(local(2026, 10, 19, 23).toISOString(), now, "en-GB")).toBe("Thu");
    expect(shortWhen(local(2026, 10, 2, 8).toISOString(), now, "en-GB")).toBe("2 Nov");
    expect(shortWhen(local(2025, 10, 2, 8).toISOString(), now, "en-GB")).toBe("2 Nov 2025");
  });

  test("a clock time is written alike beside a message and in a full date", () => {
    for (const locale of ["en-US", "en-GB", "de-DE"]) {
      const time = local(2026, 10, 20, 19).toISOString();
      expect(fullWhen(time, locale)).toContain(clockText(time, locale));
      expect(shortWhen(time, now, locale)).toBe(clockText(time, locale));
    }
  });

  test("a day's heading says today, yesterday or the date", () => {
    expect(dayText(local(2026, 10, 20, 0).toISOString(), now, "en-GB")).toBe("Today");
    expect(dayText(local(2026, 10, 19, 23).toISOString(), now, "en-GB")).toBe("Yesterday");
    expect(dayText(local(2026, 10, 17, 12).toISOString(), now, "en-GB")).toContain("17 November");
  });
});
