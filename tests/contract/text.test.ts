import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { linkify } from "../../server/contract/links.ts";
import { Body } from "../../server/contract/entities.ts";
import { Name, NewPassword } from "../../server/contract/rest.ts";
import { Emoji } from "../../server/contract/shared.ts";
import { cut, fold, initials, isBlank } from "../../server/contract/text.ts";
import { previewOf } from "../../agent-desktop/list/preview.ts";
import { bodyProblem } from "../../widget-sdk/core/body.ts";

const nothing = [
  "",
  " ",
  "\u00a0\t\r\n",
  "\u200b\u200c\u200d\u2060\ufeff",
  "\u2800",
  "\u3164\u115f\u1160\uffa0",
  "\u00ad",
];
const invisible = [
  ...nothing,
  "\u034f\u061c\u180e",
  "\ufe0f",
  "\u{e0001}\u{e0020}",
  "\u202e\u2066",
  "\u0007",
  "\u{1d159}",
];

describe("what leaves no mark says nothing", () => {
  test.each(invisible.map((text) => [JSON.stringify(text), text]))("%s", (_, text) => {
    expect(isBlank(text)).toBe(true);
    expect(v.is(Body, text)).toBe(false);
    expect(v.is(Name, text)).toBe(false);
    expect(bodyProblem(text)).toMatchObject({ code: "invalid_payload" });
  });

  test.each(["a", ".", "日", "👩‍👩‍👧", "\u0301", " \u200bא", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "؀"])("%s does", (text) => {
    expect(isBlank(text)).toBe(false);
    expect(v.is(Body, text)).toBe(true);
    expect(bodyProblem(text)).toBeUndefined();
  });
});

describe("what identifies something has one spelling", () => {
  test("an emoji, with or without the mark that it is one", () => {
    const spellings = [
      ["❤️", "❤", "❤\ufe0e"],
      ["👍", "👍\ufe0f"],
      ["❤️‍🔥", "❤‍🔥"],
      ["👁️‍🗨️", "👁‍🗨", "👁️‍🗨"],
      ["1️⃣", "1⃣"],
      ["☝🏽", "☝\ufe0f🏽"],
      ["🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
      ["🇩🇪"],
    ];
    for (const [whole, ...others] of spellings)
      for (const spelling of [whole!, ...others]) expect(v.parse(Emoji, spelling)).toBe(whole);
  });

  test("names and passwords, however a keyboard composes their letters", () => {
    expect(v.parse(Name, " Zoe\u0308 ")).toBe("Zoë");
    expect(v.parse(NewPassword, "correct horse Zoe\u0308")).toBe("correct horse Zoë");
  });
});

describe("searching", () => {
  test.each([
    ["Zoë", "zoe"],
    ["Zoe\u0308", "ZOË"],
    ["Łukasz Müller-Ñuñez", "lukasz muller-nunez"],
    ["Straße", "STRASSE"],
    ["ＡＢＣ１２", "abc12"],
    ["Ελένη Παπαδοπούλος", "ελενη παπαδοπουλος"],
    ["Ёлка й", "елка и"],
    ["שָׁלוֹם", "שלום"],
    ["مُحَمَّد", "محمد"],
    ["İstanbul ışık", "istanbul isik"],
    ["co\u00adopera\u200btion", "cooperation"],
  ])("%s and %s are the same", (one, other) => {
    expect(fold(one)).toBe(fold(other));
  });

  test("letters that differ by more than an accent stay apart", () => {
    expect(fold("が")).not.toBe(fold("か"));
    expect(fold("कि")).not.toBe(fold("का"));
    expect(fold("й")).toBe(fold("и\u0306"));
  });
});

describe("cutting", () => {
  test("characters stay whole", () => {
    expect(cut("👩‍👩‍👧🇩🇪e\u0301x", 3)).toBe("👩‍👩‍👧🇩🇪…");
    expect(cut("👩‍👩‍👧🇩🇪e\u0301x", 4)).toBe("👩‍👩‍👧🇩🇪e\u0301x");
    expect(cut("short", 160)).toBe("short");
    expect(cut(`a${"\u0301".repeat(10_000)}`, 5).length).toBeLessThan(200);
    expect(["👩‍🚀 Star", "🇩🇪", "e\u0301va"].map(initials)).toEqual(["👩‍🚀S", "🇩🇪", "E\u0301"]);
  });
});

describe("whatever people write", () => {
  const alone = [...Array.from("()[]{}<> .,@+-'\"`。中\n"), "😀", "\u0301", "\u200d", "\ufe0f"];
  const pieces = [...alone, "https://a", "www.a.", "a@", "a@a.", "+1 "];
  // Four times what a message may hold: work that grew with the square of it would run into the time-out.
  const texts = pieces.flatMap((piece) =>
    ["", "https://a"].map((begin) => (begin + piece.repeat(40_000)).slice(0, 40_000)),
  );
  const preview = (body: string) =>
    previewOf(
      { lastEntry: { kind: "message", audience: "public", author: { kind: "contact" }, body } } as never,
      "me",
      () => "",
    );
  test.each(
    Object.entries({ linkify, isBlank, fold, preview, bodyProblem, initials, cut: (text: string) => cut(text, 160) }),
  )("%s takes time in proportion to its length", (_, work) => {
    expect(() => texts.forEach((text) => work(text))).not.toThrow();
  });
});
