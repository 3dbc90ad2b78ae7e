import { expect, test } from "vitest";
import { isComposing } from "../../widget-sdk/core/composition.ts";

// As browsers send them for the Enter that ends a word of an input method.
test.each([
  ["Chrome and Firefox", { isComposing: true, keyCode: 229 }, true],
  ["Safari", { isComposing: false, keyCode: 229 }, true],
  ["an Enter of its own", { isComposing: false, keyCode: 13 }, false],
])("%s", (_, event, composing) => {
  expect(isComposing(event)).toBe(composing);
});
