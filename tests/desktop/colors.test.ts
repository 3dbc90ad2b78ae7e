import { DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from "@mantine/core";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { theme } from "../../agent-desktop/theme.ts";

const resolved = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
const [, light = "", dark = ""] =
  /:root \{([^}]*)\}\s*:root\[data-mantine-color-scheme="dark"\] \{([^}]*)\}/u.exec(
    readFileSync(new URL("../../agent-desktop/tokens.css", import.meta.url), "utf8"),
  ) ?? [];
const tokensOf = (block: string) =>
  Object.fromEntries([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/gu)].map(([, name, value]) => [name!, value!]));

const schemes = {
  light: { ...resolved.variables, ...resolved.light, ...tokensOf(light) },
  dark: { ...resolved.variables, ...resolved.dark, ...tokensOf(light), ...tokensOf(dark) },
};
type Values = Record<string, string>;

/** What a name stands for in the end, with all six digits where it is a colour of three. */
const valueOf = (values: Values, name: string): string => {
  const value = values[name] ?? name;
  const other = /^var\((--[\w-]+)\)$/u.exec(value)?.[1];
  return other ? valueOf(values, other) : value.replace(/^#(\w)(\w)(\w)$/u, "#$1$1$2$2$3$3");
};

const luminance = (color: string) => {
  const parts = color.startsWith("#")
    ? (color.match(/[\da-f]{2}/giu) ?? []).map((pair) => Number.parseInt(pair, 16))
    : (color.match(/[\d.]+/gu) ?? []).map(Number);
  const [r = 0, g = 0, b = 0] = parts
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one: string, other: string) => {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};

/** Each pair of a text and what lies behind it that falls short of 4.5:1. */
const unreadable = (values: Values, pairs: string[][]) =>
  pairs
    .map(([text = "", behind = ""]) => ({ text, behind }))
    .filter(({ text, behind }) => !(contrast(valueOf(values, text), valueOf(values, behind)) >= 4.5));

const surfaces = ["--surface", "--surface-raised", "--page", "--mantine-color-body", "--mantine-color-default"];

describe.each(Object.entries(schemes))("in the %s scheme", (_scheme, values) => {
  test.each(["harbor", "red", "yellow", "green", "gray"])("every variant of %s can be read", (name) => {
    const of = (part: string) => `--mantine-color-${name}-${part}`;
    const pairs = [
      ["--mantine-color-white", of("filled")],
      ["--mantine-color-white", of("filled-hover")],
      [of("light-color"), of("light")],
      [of("light-color"), of("light-hover")],
      ...surfaces.flatMap((surface) => ["text", "outline", "light-color"].map((part) => [of(part), surface])),
    ];
    expect(unreadable(values, pairs)).toEqual([]);
  });

  test("our own inks can be read on every surface, faint ones in fields too", () => {
    const inks = ["--ink", "--ink-soft", "--ink-faint", "--accent", "--warn", "--danger", "--good"];
    expect(
      unreadable(values, [
        ...surfaces.flatMap((surface) => inks.map((ink) => [ink, surface])),
        ["--warn", "--warn-surface"],
        ["--danger", "--danger-surface"],
        ["--note-ink", "--note"],
        ["--accent-ink", "--surface-active"],
        ["--ink-soft", "--surface-active"],
        ["--ink-soft", "--surface-hover"],
        ["--ink-soft", "--bubble-contact"],
        ["--ink-soft", "--bubble-agent"],
        ["--ink-soft", "--note"],
        ["--danger", "--surface-active"],
        ["--warn", "--surface-active"],
      ]),
    ).toEqual([]);
  });
});
