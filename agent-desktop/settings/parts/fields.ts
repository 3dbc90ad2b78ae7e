import { RestError } from "../../session/rest.ts";

/** The lines of a text field that say something, each once. */
export const lines = (text: string): string[] => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

/** Runs `send`, which sends `entries` as the list `field`. Where one of them is refused, the refusal names it. */
export const namingEntry = async <T>(field: string, entries: string[], send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const [, of, place, said] = /^body\.(\w+)\.(\d+): (.+)$/su.exec(error.message) ?? [];
    const entry = of === field ? entries[Number(place)] : undefined;
    if (entry === undefined) throw error;
    throw new RestError(error.status, error.code, `“${entry}” ${said}.`, error.retryable, error.details);
  }
};

/** Every time zone this browser knows, and the one that is set. */
export const timeZones = (current: string): string[] => [
  ...new Set([current, "UTC", ...Intl.supportedValuesOf("timeZone")]),
];

/** What is in a number field: null when it is empty. */
export const numberOrNull = (value: string | number): number | null => (value === "" ? null : Number(value));
