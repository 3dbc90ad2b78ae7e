import { describe, expect, test } from "vitest";
import type { Activity, Conversation } from "../../server/contract/entities.ts";
import { availabilityText, replyText, takesMessages, waitText, whenOpen } from "../../widget-sdk/app/availability.ts";
import { lineOf } from "../../widget-sdk/app/items.ts";
import { presenceOf } from "../../widget-sdk/app/presence.ts";
import { timeOf } from "../../widget-sdk/app/time.ts";
import type { Action } from "../../widget-sdk/core/actions.ts";
import { reduce } from "../../widget-sdk/core/reducer.ts";
import { initialState } from "../../widget-sdk/core/state.ts";
import { placeOf } from "../../widget-sdk/core/view.ts";
import { agent, conversationId, ready } from "./model.ts";

const after = (...actions: Action[]) => actions.reduce(reduce, initialState);
const begin: Action = { type: "ready", ready: ready(0), nowMs: 0 };

const conversation = (change: Partial<Conversation> = {}): Conversation => ({
  id: conversationId,
  kind: "support",
  status: "queued",
  priority: 0,
  tags: [],
  version: 1,
  publicSeq: 0,
  unread: 0,
  createdAt: "2026-06-01T10:00:00.000Z",
  updatedAt: "2026-06-01T10:00:00.000Z",
  ...change,
});

const queued: Action = { type: "fetched", conversations: [conversation()] };
const placed: Action = { type: "placed", conversationId, place: { position: 3, estimatedWaitSeconds: 200 } };
const open = { open: true, online: true, offlineBehaviour: "queue", opensAt: null } as const;

describe("a place in the queue", () => {
  test("is kept as told, also when it is told before the conversation is known", () => {
    expect(placeOf(after(begin, queued, placed), conversationId)?.position).toBe(3);
    expect(placeOf(after(begin, placed, queued), conversationId)?.position).toBe(3);
  });

  test("is gone once somebody has the conversation, and not back by itself when it waits again", () => {
    const taken: Action = {
      type: "updated",
      conversation: conversation({ status: "open", assigneeId: agent.id, version: 2 }),
    };
    const back: Action = { type: "updated", conversation: conversation({ version: 3 }) };
    expect(placeOf(after(begin, queued, placed, taken), conversationId)).toBeUndefined();
    expect(placeOf(after(begin, queued, placed, taken, back), conversationId)).toBeUndefined();
  });

  test("is said in words, and no wait is promised where none is known", () => {
    const say = (position: number, estimatedWaitSeconds: number | null) =>
      waitText({ position, estimatedWaitSeconds }, open);
    expect(say(1, 20)).toBe("You are next. The wait is less than a minute.");
    expect(say(4, 290)).toBe("You are number 4 in the queue. The wait is about 5 minutes.");
    expect(say(2, 60)).toContain("about a minute");
    expect(say(2, 3 * 3600)).toContain("about 3 hours");
    expect(say(2, null)).toBe("You are number 2 in the queue.");
    expect(waitText(undefined, open)).toBeUndefined();
  });

  test("names no wait while nobody is there, but when somebody is and where the reply comes", () => {
    const place = { position: 1, estimatedWaitSeconds: 20 };
    const now = new Date(2026, 5, 15, 18);
    const opensAt = new Date(2026, 5, 16, 9).toISOString();
    const alone = { ...open, online: false };
    expect(waitText(place, alone)).toBe("You are next. Nobody is here right now. We'll reply here.");
    expect(waitText(place, alone, "ana@example.com")).toContain("We'll reply here and by e-mail to ana@example.com.");
    expect(waitText(undefined, alone)).toBe("Nobody is here right now. We'll reply here.");
    expect(waitText(place, { ...open, open: false, opensAt }, undefined, now)).toBe(
      `You are next. Closed. We are back tomorrow at ${timeOf(opensAt)}. We'll reply here.`,
    );
    expect(replyText(undefined)).not.toContain("mail");
  });
});

describe("whether anybody answers", () => {
  test("is told at connect and kept up to date", () => {
    const told: Action = { type: "ready", ready: { ...ready(0), inbox: open }, nowMs: 0 };
    expect(after(told).session.inbox).toEqual(open);
    const changed: Action = { type: "inbox", inbox: { ...open, online: false } };
    expect(after(told, changed).session.inbox?.online).toBe(false);
  });

  test("is said honestly: somebody there, nobody there, or when it opens", () => {
    const now = new Date(2026, 5, 15, 18);
    const opensAt = new Date(2026, 5, 16, 9).toISOString();
    expect(availabilityText(open)).toBe("We are here for you");
    expect(availabilityText({ ...open, online: false })).toContain("Nobody is here right now");
    expect(availabilityText({ ...open, open: false, opensAt }, now)).toBe(
      `Closed. We are back tomorrow at ${timeOf(opensAt)}`,
    );
    expect(availabilityText({ ...open, open: false })).toBe("Closed at the moment");
  });

  test("the next opening is named by the nearest word for its day", () => {
    const now = new Date(2026, 5, 15, 7);
    const at = (day: number) => whenOpen(new Date(2026, 5, day, 9).toISOString(), now);
    expect(at(15)).toMatch(/^at /u);
    expect(at(18)).toContain(new Intl.DateTimeFormat(undefined, { weekday: "long" }).format(new Date(2026, 5, 18)));
    expect(at(29)).toContain("29");
  });

  test("a message for later is taken only where the closed department asks for one", () => {
    expect(takesMessages(undefined)).toBe(false);
    expect(takesMessages({ ...open, offlineBehaviour: "form" })).toBe(false);
    expect(takesMessages({ ...open, open: false })).toBe(false);
    expect(takesMessages({ ...open, open: false, offlineBehaviour: "form" })).toBe(true);
  });
});

describe("presence", () => {
  test("an agent who writes, or just wrote, is not said to be away", () => {
    const held = conversation({ status: "open", assigneeId: agent.id });
    const nowMs = Date.parse("2026-06-01T10:10:00.000Z");
    const idle: Action = { type: "presence", changes: [{ actor: agent, presence: "idle" }] };
    const away: Action = { type: "presence", changes: [{ actor: agent, presence: "online", availability: "away" }] };
    const types: Action = {
      type: "typing",
      conversationId,
      audience: "public",
      actor: agent,
      typing: true,
      nowMs,
    };
    const opened = (createdAt: string): Action => ({
      type: "opened",
      conversation: { ...held, publicSeq: 1 },
      receipts: [],
      entries: [
        { id: "e1", conversationId, audience: "public", seq: 1, kind: "message", author: agent, body: "Hi", createdAt },
      ],
    });
    const begun: Action = { type: "ready", ready: ready(0), nowMs: Date.parse(ready(0).serverTime) };
    for (const absent of [idle, away]) {
      const said = (...more: Action[]) => presenceOf(after(begun, absent, ...more), held, nowMs).here;
      expect(said()).toBe("idle");
      expect(said(types)).toBe("online");
      expect(said(opened("2026-06-01T10:09:00.000Z"))).toBe("online");
      expect(said(opened("2026-06-01T09:50:00.000Z"))).toBe("idle");
    }
    expect(presenceOf(after(begun), held, nowMs).here).toBeUndefined();
  });

  test("of many who change at once is taken in from one event's worth of changes", () => {
    const change = (id: string) => ({ actor: { kind: "agent", id }, presence: "online" }) as const;
    const state = after(begin, { type: "presence", changes: [change("a1"), change("a2"), change("a1")] });
    expect(Object.keys(state.presence)).toEqual(["agent:a1", "agent:a2"]);
  });

  test("one's own availability changes wherever it is looked up", () => {
    const colleagues = [{ id: "a1", name: "Sam", presence: "online", availability: "available" }] as const;
    const me: Action = {
      type: "ready",
      ready: { ...ready(0), actor: agent, colleagues: [...colleagues], availability: "available" },
      nowMs: 0,
    };
    const state = after(me, { type: "availability", availability: "away" });
    expect(state.session.availability).toBe("away");
    expect(state.presence["agent:a1"]).toEqual({ presence: "online", availability: "away" });
  });
});

describe("offers", () => {
  const offer = { conversation: conversation(), offeredAt: "2026-06-01T10:00:00.000Z", expiresAt: "later" };

  test("stand until they end, and after a reconnect are what the server says", () => {
    const offered = after(begin, { type: "offered", offer });
    expect(Object.keys(offered.offers)).toEqual([conversationId]);
    expect(offered.conversations[conversationId]?.status).toBe("queued");
    expect(reduce(offered, { type: "offerEnded", conversationId }).offers).toEqual({});
    expect(reduce(offered, begin).offers).toEqual({});
    expect(reduce(initialState, { type: "ready", ready: { ...ready(0), offers: [offer] }, nowMs: 0 }).offers).toEqual({
      [conversationId]: offer,
    });
  });
});

describe("hand-overs in words", () => {
  const say = (activity: Activity) =>
    lineOf(
      {
        id: "e1",
        conversationId,
        audience: "public",
        seq: 1,
        kind: "activity",
        author: { kind: "system" },
        activity,
        createdAt: "2026-06-01T10:00:00.000Z",
      },
      false,
    );

  test("name the person, else the department", () => {
    expect(say({ type: "transferred", agentId: "a2", agentName: "Kim", departmentName: "Billing" })).toBe(
      "Kim will help you now",
    );
    expect(say({ type: "transferred", departmentId: "d2", departmentName: "Billing" })).toBe(
      "Billing will help you now",
    );
    expect(say({ type: "transferred", departmentId: "d2", departmentName: "Billing", reason: "fallback" })).toContain(
      "queue of Billing",
    );
  });

  test("say that the agent is gone and somebody else comes", () => {
    expect(say({ type: "requeued", reason: "agent_absent", previousAgentName: "Sam" })).toBe(
      "Sam had to leave. You are waiting for the next free agent",
    );
  });

  test("what happened with offers is for agents only", () => {
    expect(say({ type: "offer_declined", agentId: "a1" })).toBeUndefined();
    expect(say({ type: "offer_missed", agentId: "a1" })).toBeUndefined();
  });
});
