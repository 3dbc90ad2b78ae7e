import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkParts } from "../../agent-desktop/conversation/links.ts";

const links = (text: string) => linkParts(text).flatMap(({ text: shown, href }) => (href ? [shown] : []));

describe("links in what people write", () => {
  test("web addresses become links without the punctuation around them", () => {
    expect(links("see https://a.example/x?y=1, or (http://b.example/p_(q)).")).toEqual([
      "https://a.example/x?y=1",
      "http://b.example/p_(q)",
    ]);
  });

  test("nothing but http and https becomes a link", () => {
    expect(links("javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b.example //a.example")).toEqual([]);
    expect(links("https:// http://")).toEqual([]);
  });

  test("an address that pretends to lead elsewhere stays text", () => {
    expect(links("https://bank.example@evil.example/ http://a:b@c.example")).toEqual([]);
  });

  test("an address in mark-up ends at the bracket", () => {
    expect(links('<a href="https://a.example/x">https://b.example</a>')).toEqual([
      "https://a.example/x",
      "https://b.example",
    ]);
  });

  test("the parts together are the text, and every link is http or https", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("https://", "http://a.example", ")", "(", ".", "javascript:", "<", '"'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const parts = linkParts(text);
        expect(parts.map((part) => part.text).join("")).toBe(text);
        const targets = parts.flatMap(({ href }) => (href ? [href] : []));
        expect(targets.filter((href) => !/^https?:\/\/./u.test(href))).toEqual([]);
      }),
    );
  });
});
