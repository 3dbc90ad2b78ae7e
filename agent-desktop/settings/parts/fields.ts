/** The lines of a text field that say something, each once. */
export const lines = (text: string): string[] => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

/** Every time zone this browser knows, and the one that is set. */
export const timeZones = (current: string): string[] => [
  ...new Set([current, "UTC", ...Intl.supportedValuesOf("timeZone")]),
];

/** What is in a number field: null when it is empty. */
export const numberOrNull = (value: string | number): number | null => (value === "" ? null : Number(value));
