import { describe, expect, test } from "vitest";
import type { Offer } from "../../server/contract/agent.ts";
import { offerKey, openOffers, secondsLeft, shareLeft } from "../../agent-desktop/offers/offers.ts";
import { awayText } from "../../agent-desktop/shell/away-text.ts";
import { at, conversation, noon } from "./samples.ts";

const offer = (minutes: number, change: Partial<Offer> = {}): Offer => ({
  conversation: conversation(),
  offeredAt: at(0),
  expiresAt: at(minutes),
  ...change,
});

const byId = (...offers: Offer[]) => Object.fromEntries(offers.map((one) => [one.conversation.id, one]));
const open = (offers: Offer[], known = {}, answered = new Set<string>(), now = noon) =>
  openOffers(byId(...offers), known, answered, now);

describe("what is offered", () => {
  test("stands in the order in which it lapses", () => {
    const [late, soon] = [offer(3), offer(1)];
    expect(open([late, soon])).toEqual([soon, late]);
  });

  test("is gone once it has lapsed, also when nobody says so", () => {
    expect(open([offer(1)], {}, new Set(), noon + 60_000)).toEqual([]);
  });

  test("is gone once somebody else has the conversation", () => {
    const one = offer(1);
    const { id } = one.conversation;
    expect(open([one], { [id]: { ...one.conversation, status: "open", assigneeId: "somebody" } })).toEqual([]);
  });

  test("is gone once it was answered here, and back when it is offered again", () => {
    const one = offer(1);
    const answered = new Set([offerKey(one)]);
    expect(open([one], {}, answered)).toEqual([]);
    expect(open([{ ...one, offeredAt: at(0.5), expiresAt: at(1.5) }], {}, answered)).toHaveLength(1);
  });

  test("counts down to nothing and not below", () => {
    const one = offer(1);
    expect([0, 30_500, 60_000, 90_000].map((passed) => secondsLeft(one, noon + passed))).toEqual([60, 30, 0, 0]);
    expect([0, 15_000, 60_000, 90_000].map((passed) => shareLeft(one, noon + passed))).toEqual([1, 0.75, 0, 0]);
    expect(shareLeft(offer(0), noon)).toBe(0);
  });
});

describe("availability that the server changed", () => {
  test("is told when several offers passed, and a change of one's own is not", () => {
    expect(awayText("away", "missed_offers")).toContain("several offers");
    expect(awayText("away", "admin")).toBe("You were set to away. You get no new conversations.");
    expect(awayText("away", undefined)).toBeNull();
    expect(awayText("available", "missed_offers")).toBeNull();
  });
});
