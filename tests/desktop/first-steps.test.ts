import { expect, test } from "vitest";
import { stepsOf, type Facts } from "../../agent-desktop/start/steps.ts";
import { priceText } from "../../agent-desktop/settings/plan/words.ts";

const inbox = { key: "key-1", allowedOrigins: [] } as unknown as Facts["inboxes"][number];
const facts = (people: number, conversations: number): Facts => ({
  inboxes: [inbox],
  hours: [],
  usage: {
    plan: "pro",
    period: "2026-11",
    resetsAt: "2026-12-01T00:00:00.000Z",
    limits: [{ limit: "agents", current: people, most: 25 }],
    months: [{ period: "2026-11", conversations }],
  },
});

test("each first step is done when what it leads to is there, and not before", () => {
  const hours = [{}] as unknown as Facts["hours"];
  const inboxes = [{ ...inbox, allowedOrigins: ["https://shop.example"] }];
  expect(stepsOf(facts(1, 0))).toMatchObject({ doneCount: 0, count: 4, inboxKey: "key-1" });
  expect(stepsOf(facts(2, 0))).toMatchObject({ people: { done: true }, doneCount: 1 });
  expect(stepsOf({ ...facts(1, 0), hours })).toMatchObject({ hours: { done: true }, doneCount: 1 });
  // That the line stands on the site is known when somebody writes there.
  expect(stepsOf({ ...facts(1, 0), inboxes })).toMatchObject({ site: { done: false } });
  expect(stepsOf({ ...facts(2, 1), hours, inboxes })).toMatchObject({ doneCount: 4 });
});

test("a price is said in the money it is asked in, and none is made up", () => {
  expect(priceText({ amount: 0, currency: "EUR" })).toBe("Free");
  expect(priceText(null)).toBe("On request");
  expect(priceText({ amount: 2_900, currency: "EUR" })).toMatch(/^\D*29\D* per person and month$/u);
});
