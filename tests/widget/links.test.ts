import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkify } from "../../widget-sdk/app/links.ts";

const links = (text: string) => linkify(text).flatMap(({ text: shown, href }) => (href ? [[shown, href]] : []));

describe("links in a message", () => {
  test("whole http and https addresses are recognised, without what ends the sentence", () => {
    expect(links("See https://example.com/a?b=1&c=2#d.")).toEqual([
      ["https://example.com/a?b=1&c=2#d", "https://example.com/a?b=1&c=2#d"],
    ]);
    expect(links("(http://example.com/a_(b))")).toEqual([["http://example.com/a_(b)", "http://example.com/a_(b)"]]);
    expect(links("one https://a.example, two HTTPS://B.example!")).toEqual([
      ["https://a.example", "https://a.example/"],
      ["HTTPS://B.example", "https://b.example/"],
    ]);
  });

  test("nothing else becomes a link", () => {
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "JaVaScRiPt://example.com/%0aalert(1)",
      "vbscript:msgbox(1)",
      "file:///etc/passwd",
      "//example.com",
      "example.com",
      "https://",
      "http://[",
      "https://bank.example@evil.example/",
      "https://user:secret@evil.example/",
    ]) {
      expect([text, links(text)]).toEqual([text, []]);
    }
  });

  test("an address ends where markup would begin", () => {
    expect(links('https://example.com/"onmouseover="alert(1)')).toEqual([
      ["https://example.com/", "https://example.com/"],
    ]);
    expect(links("https://example.com/<img src=x onerror=alert(1)>")).toEqual([
      ["https://example.com/", "https://example.com/"],
    ]);
  });

  test("whatever is written is shown whole, and every link leads to http or https", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("https://", "http://", "a.example", "/", "(", ")", ".", "@", " ", "javascript:", "<", '"'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        const segments = linkify(text);
        expect(segments.map((segment) => segment.text).join("")).toBe(text);
        const protocols = links(text).map(([, href]) => new URL(href!).protocol);
        expect(protocols.filter((protocol) => protocol !== "https:" && protocol !== "http:")).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
