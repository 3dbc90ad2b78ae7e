import type { Locator } from "playwright-core";
import { expect } from "vitest";

const settles = async (wait: Promise<void>) => {
  try {
    await wait;
    return { pass: true, message: () => "It did, and should not have: wait for what comes instead." };
  } catch (error) {
    return { pass: false, message: () => (error as Error).message };
  }
};

/** Teaches `expect` to wait for what a person would see. */
export const addMatchers = (): void =>
  expect.extend({
    toShow: (locator: Locator) => settles(locator.waitFor()),
    toVanish: (locator: Locator) => settles(locator.waitFor({ state: "hidden" })),
  });

declare module "vitest" {
  interface Matchers<T = any> {
    /** Waits until exactly one such thing is in view. */
    toShow: () => Promise<T>;
    /** Waits until no such thing is in view. */
    toVanish: () => Promise<T>;
  }
}
