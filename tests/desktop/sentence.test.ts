import { expect, test } from "vitest";
import { sentenceOf } from "../../agent-desktop/session/ask.ts";
import { RestError } from "../../agent-desktop/session/rest.ts";

const refused = (message: string) => sentenceOf(new RestError(400, "invalid_payload", message, false));

test.each([
  ["body.owner.name: must not be empty", "Owner name must not be empty."],
  ["body.fallbackAfterSeconds: must be at least 1", "Fallback after seconds must be at least 1."],
  ["body.intervals.0.from: must be a time of day, HH:MM", "Intervals from must be a time of day, HH:MM."],
  ["body.password: Please choose another one.", "Password: Please choose another one."],
  ["This short name is taken.", "This short name is taken."],
])("a refused field is named as people would: %s", (message, sentence) => {
  expect(refused(message)).toBe(sentence);
});

test("what is no refusal says what to do", () => {
  expect(sentenceOf(new Error("x is not a function"))).toContain("Reload");
});
