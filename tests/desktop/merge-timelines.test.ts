import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audiencesToExtend, mergeTimelines } from "../../agent-desktop/conversation/merge-timelines.ts";
import { message, note } from "./samples.ts";

const whole = { entries: [], complete: true };
const keys = (entries: { audience: string; seq: number }[]) => entries.map(({ audience, seq }) => `${audience} ${seq}`);

describe("merging the two timelines", () => {
  test("notes stand between the public entries by time", () => {
    const merged = mergeTimelines({
      public: { entries: [message(1, 0), message(2, 10)], complete: true },
      internal: { entries: [note(1, 5), note(2, 20)], complete: true },
    });
    expect(keys(merged)).toEqual(["public 1", "internal 1", "public 2", "internal 2"]);
  });

  test("each timeline stays in the order of its seq whatever the clocks said", () => {
    const minutes = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 });
    fc.assert(
      fc.property(minutes, minutes, (spoken, noted) => {
        const merged = mergeTimelines({
          public: { entries: spoken.map((m, index) => message(index + 1, m)), complete: true },
          internal: { entries: noted.map((m, index) => note(index + 1, m)), complete: true },
        });
        for (const [audience, count] of [["public", spoken.length] as const, ["internal", noted.length] as const]) {
          const seqs = merged.filter((entry) => entry.audience === audience).map(({ seq }) => seq);
          expect(seqs).toEqual(Array.from({ length: count }, (_, index) => index + 1));
        }
      }),
    );
  });

  test("what lies before the oldest entry of a timeline that goes on further back is left out", () => {
    const held = {
      public: { entries: [message(41, 30), message(42, 40)], complete: false },
      internal: { entries: [note(1, 5), note(2, 35)], complete: true },
    };
    expect(keys(mergeTimelines(held))).toEqual(["public 41", "internal 2", "public 42"]);
  });

  test("a timeline of which nothing is loaded hides nothing of the other", () => {
    const held = { public: { entries: [message(1, 0)], complete: true }, internal: { entries: [], complete: false } };
    expect(keys(mergeTimelines(held))).toEqual(["public 1"]);
  });
});

describe("reaching further back", () => {
  test("nothing is fetched once both timelines are complete", () => {
    expect(audiencesToExtend({ public: whole, internal: whole })).toEqual([]);
  });

  test("the timeline that ends the list is fetched, not the one that reaches further back already", () => {
    const held = {
      public: { entries: [message(41, 30)], complete: false },
      internal: { entries: [note(7, 5)], complete: false },
    };
    expect(audiencesToExtend(held)).toEqual(["public"]);
  });

  test("a timeline of which nothing is loaded yet is fetched along", () => {
    const held = {
      public: { entries: [message(41, 30)], complete: false },
      internal: { entries: [], complete: false },
    };
    expect(audiencesToExtend(held)).toEqual(["public", "internal"]);
  });
});
