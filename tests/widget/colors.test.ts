import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../widget-sdk/${path}`, import.meta.url), "utf8");

const tokensOf = (css: string): Record<string, string> =>
  Object.fromEntries([...css.matchAll(/(--[a-z-]+): (#[\da-f]{3,6});/gu)].map(([, name, value]) => [name!, value!]));

const [bright, dark] = read("app/styles/base.css").split("@media (prefers-color-scheme: dark)");
const light = { ...tokensOf(read("loader/launcher.css").split("@media")[0]!), ...tokensOf(bright!) };
const themes = { light, dark: { ...light, ...tokensOf(dark!) } };

type Rgb = [number, number, number];
const rgbOf = (hex: string): Rgb => {
  const long = hex.length === 4 ? hex.replace(/[\da-f]/gu, "$&$&") : hex;
  return [1, 3, 5].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as Rgb;
};
const mix = (a: Rgb, share: number, b: Rgb): Rgb => a.map((part, n) => part * share + b[n]! * (1 - share)) as Rgb;

/** Relative luminance and contrast as WCAG 2 defines them. */
const luminance = (color: Rgb): number => {
  const [r, g, b] = color.map((part) => {
    const c = part / 255;
    return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (a: Rgb, b: Rgb): number => {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
};

describe.each(Object.entries(themes))("in the %s theme", (_, tokens) => {
  const color = (name: string) => rgbOf(tokens[`--${name}`]!);
  const accent = color("accent");
  const pairs: [string, Rgb, Rgb][] = [
    ["text", color("text"), color("surface")],
    ["a message of somebody else", color("text"), color("raised")],
    ["a hint", color("soft"), color("surface")],
    ["a hint on a raised line", color("soft"), color("raised")],
    ["a message of one's own, or a button", color("on-accent"), accent],
    ["the header's far end", color("on-accent"), mix(accent, 0.72, rgbOf("#7b2ff7"))],
    ["what is wrong", color("danger"), color("surface")],
    ["what is wrong on a raised line", color("danger"), color("raised")],
    ["trouble", color("text"), mix(color("danger"), 0.12, color("surface"))],
    ["a banner", color("on-warn"), color("warn")],
    ["initials", mix(accent, 0.74, color("text")), mix(accent, 0.16, color("surface"))],
    ["that a message was read", mix(accent, 0.74, color("text")), color("surface")],
    ["a reaction of one's own", color("text"), mix(accent, 0.2, color("surface"))],
    ["a button that deletes", rgbOf("#ffffff"), rgbOf("#c2183a")],
  ];

  test.each(pairs)("%s can be read", (_, text, ground) => {
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });
});
