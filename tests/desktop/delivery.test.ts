import { beforeEach, describe, expect, test } from "vitest";
import { deliveryOf } from "../../agent-desktop/conversation/delivery.ts";
import { missedReplies } from "../../agent-desktop/conversation/missed.ts";
import { glanceMs, noteInView, noteSeen, seenSeq } from "../../agent-desktop/conversation/seen.ts";
import { ben, byAgent, lena, me, message, note, pending } from "./samples.ts";

describe("how far a message got", () => {
  const reply = message(5, 0, { author: byAgent(me) });
  const receipt = (kind: "contact" | "agent", id: string, deliveredSeq: number, readSeq: number) => ({
    audience: "public" as const,
    actor: { kind, id },
    deliveredSeq,
    readSeq,
  });

  test("the contact's cursor decides over a reply, a colleague's does not", () => {
    expect(deliveryOf(reply, [receipt("agent", ben, 9, 9)], me)).toBe("sent");
    expect(deliveryOf(reply, [receipt("contact", lena, 5, 4)], me)).toBe("delivered");
    expect(deliveryOf(reply, [receipt("contact", lena, 9, 5)], me)).toBe("read");
  });

  test("a note is read by a colleague, not by its author", () => {
    const mine = note(2, 0, { author: byAgent(me) });
    expect(deliveryOf(mine, [receipt("agent", me, 9, 9)], me)).toBe("sent");
    expect(deliveryOf(mine, [receipt("agent", ben, 2, 2)], me)).toBe("read");
  });
});

describe("what the author of a reply has seen", () => {
  let id = 0;
  let conversation = "";
  beforeEach(() => {
    id += 1;
    conversation = `conversation ${id}`;
  });

  test("nothing is known of a conversation that was never in view", () => {
    expect(seenSeq(conversation, 0)).toBeUndefined();
  });

  test("what stands there at the opening counts at once, what arrives after a glance", () => {
    noteInView(conversation, 3, 0);
    noteInView(conversation, 4, 5000);
    expect(seenSeq(conversation, 5000)).toBe(3);
    expect(seenSeq(conversation, 5000 + glanceMs - 1)).toBe(3);
    expect(seenSeq(conversation, 5000 + glanceMs)).toBe(4);
  });

  test("a stream of arrivals does not keep the earlier ones from counting", () => {
    noteInView(conversation, 1, 0);
    for (let seq = 2; seq <= 10; seq += 1) noteInView(conversation, seq, seq * 400);
    expect(seenSeq(conversation, 10 * 400)).toBe(7);
  });

  test("whoever sends all the same has seen it", () => {
    noteInView(conversation, 3, 0);
    noteInView(conversation, 4, 5000);
    noteSeen(conversation, 4);
    expect(seenSeq(conversation, 5000)).toBe(4);
  });
});

describe("what the author of a held reply missed", () => {
  test("it is what others said after the last look, told or arrived, each once", () => {
    const first = message(4, 0, { author: byAgent(ben) });
    const second = message(6, 2);
    const own = message(5, 1, { author: byAgent(me) });
    const error = { code: "conflict", message: "held", retryable: false, details: { entries: [first, own] } } as const;
    const held = pending("c1", 3, { state: "failed", seenSeq: 3, error });
    const known = [message(3, -1), first, own, second];
    expect(missedReplies(held, known, me).map(({ seq }) => seq)).toEqual([4, 6]);
  });

  test("details that are none of ours are passed over", () => {
    const error = { code: "conflict", message: "held", retryable: false, details: { entries: "x" } } as const;
    expect(missedReplies(pending("c1", 0, { state: "failed", error }), [], me)).toEqual([]);
  });
});
