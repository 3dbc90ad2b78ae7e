import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkify } from "../../server/contract/links.ts";

const links = (text: string) => linkify(text).flatMap(({ text: shown, href }) => (href ? [[shown, href]] : []));
const shownIn = (text: string) => links(text).map(([shown]) => shown);

describe("links in what people write", () => {
  test("whole http and https addresses are recognised, without what ends the sentence", () => {
    expect(links("See https://example.com/a?b=1&c=2#d.")).toEqual([
      ["https://example.com/a?b=1&c=2#d", "https://example.com/a?b=1&c=2#d"],
    ]);
    expect(links("(http://example.com/a_(b))")).toEqual([["http://example.com/a_(b)", "http://example.com/a_(b)"]]);
    expect(links("one https://a.example, two HTTPS://B.example!")).toEqual([
      ["https://a.example", "https://a.example/"],
      ["HTTPS://B.example", "https://b.example/"],
    ]);
    expect(shownIn("see https://a.example/x?y=1, or (http://b.example/p_(q)).")).toEqual([
      "https://a.example/x?y=1",
      "http://b.example/p_(q)",
    ]);
  });

  test("www, e-mail addresses and telephone numbers lead where they say", () => {
    expect(links("www.example.com/help, or (www.example.org).")).toEqual([
      ["www.example.com/help", "https://www.example.com/help"],
      ["www.example.org", "https://www.example.org/"],
    ]);
    expect(
      links("Write to o'brien+shop@example.com, mailto:bob@münchen.example or <ann@xn--bcher-kva.example>."),
    ).toEqual([
      ["o'brien+shop@example.com", "mailto:o'brien%2Bshop@example.com"],
      ["mailto:bob@münchen.example", "mailto:bob@m%C3%BCnchen.example"],
      ["ann@xn--bcher-kva.example", "mailto:ann@xn--bcher-kva.example"],
    ]);
    expect(links("Call tel:112, tel:+49-30-123456 or +1 (555) 010-9999.")).toEqual([
      ["tel:112", "tel:112"],
      ["tel:+49-30-123456", "tel:+4930123456"],
      ["+1 (555) 010-9999", "tel:+15550109999"],
    ]);
  });

  test("punctuation and brackets of any script are not part of an address", () => {
    for (const after of "。，、；：！？」』】》）〉”’»…—،؟।")
      expect([after, shownIn(`「https://example.com/a${after}x`)]).toEqual([after, ["https://example.com/a"]]);
    expect(shownIn("请看https://example.com谢谢，邮箱bob@example.com谢谢")).toEqual([
      "https://example.com",
      "bob@example.com",
    ]);
    expect(shownIn("https://ja.wikipedia.org/wiki/日本・東京 https://пример.рф/путь?")).toEqual([
      "https://ja.wikipedia.org/wiki/日本・東京",
      "https://пример.рф/путь",
    ]);
  });

  test("nothing else becomes a link", () => {
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "JaVaScRiPt://example.com/%0aalert(1)",
      "vbscript:msgbox(1)",
      "file:///etc/passwd",
      "ftp://a.example",
      "//example.com",
      "example.com",
      "www.example",
      "order 1+2345678901234, 2026-11-29, 10.0.0.1",
      "a@b.c or foo@bar or @handle",
      "https://",
      "http://[",
      "https://bank.example@evil.example/",
      "https://user:secret@evil.example/",
    ]) {
      expect([text, links(text)]).toEqual([text, []]);
    }
  });

  test("an address ends where markup or a change of direction would begin", () => {
    expect(links('https://example.com/"onmouseover="alert(1)')).toEqual([
      ["https://example.com/", "https://example.com/"],
    ]);
    expect(links("https://example.com/<img src=x onerror=alert(1)>")).toEqual([
      ["https://example.com/", "https://example.com/"],
    ]);
    expect(shownIn('<a href="https://a.example/x">https://b.example</a>')).toEqual([
      "https://a.example/x",
      "https://b.example",
    ]);
    expect(shownIn("https://example.com/\u202egnp.exe")).toEqual(["https://example.com/"]);
  });

  test("whatever is written is shown whole, and every link leads to the web, a mailbox or a telephone", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("https://", "http://", "www.", "a.example", "/", "(", ")", ".", "@", " ", "+1 555", "tel:", "<"),
      fc.constantFrom("javascript:", "mailto:", "中", "。", '"', "1"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        expect(
          linkify(text)
            .map((part) => part.text)
            .join(""),
        ).toBe(text);
        const protocols = links(text).map(([, href]) => new URL(href!).protocol);
        expect(protocols.filter((protocol) => !["https:", "http:", "mailto:", "tel:"].includes(protocol))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
