import { describe, expect, test } from "vitest";
import type { Actor, Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import type { Action } from "../../widget-sdk/core/actions.ts";
import { reduce } from "../../widget-sdk/core/reducer.ts";
import { initialState } from "../../widget-sdk/core/state.ts";
import type { ClientState } from "../../widget-sdk/core/state.ts";
import { agent, conversationId, me as contact, ready } from "./model.ts";

const colleague: Actor = { kind: "agent", id: "a2", name: "Kim" };
const time = (second: number) => new Date(Date.UTC(2026, 0, 2, 0, 0, second)).toISOString();

const conversation = (more: Partial<Conversation> = {}): Conversation => ({
  id: conversationId,
  kind: "support",
  status: "queued",
  priority: 0,
  tags: [],
  version: 1,
  publicSeq: 0,
  internalSeq: 0,
  unread: 0,
  createdAt: time(0),
  updatedAt: time(0),
  ...more,
});

const said = (audience: Audience, seq: number, author: Actor): Action => {
  const base = { id: `${audience}${seq}`, conversationId, audience, seq, author, createdAt: time(seq) };
  return { type: "appended", entry: { ...base, kind: "message", body: `${audience} ${seq}` } satisfies Entry };
};

/** The state of the agent's client after all of `actions`. */
const after = (...actions: Action[]): ClientState => {
  const begun: Action = { type: "ready", ready: { ...ready(), actor: agent }, nowMs: 0 };
  return [begun, ...actions].reduce(reduce, initialState);
};

const held = (state: ClientState) => state.conversations[conversationId]!;
const opened = (more: Partial<Conversation> = {}): Action => ({
  type: "opened",
  conversation: conversation(more),
  entries: [],
  receipts: [],
});
const read = (audience: Audience, readSeq: number): Action => ({
  type: "receipt",
  conversationId,
  receipt: { audience, actor: agent, deliveredSeq: readSeq, readSeq },
});

describe("a conversation as a client holds it", () => {
  test("takes an update with a higher version and ignores every other", () => {
    const update = (version: number, status: Conversation["status"]): Action => ({
      type: "updated",
      conversation: conversation({ version, status }),
    });
    expect(held(after(opened(), update(3, "open"), update(2, "resolved"), update(3, "pending"))).status).toBe("open");
    expect(held(after(opened(), update(3, "open"), update(4, "resolved"))).status).toBe("resolved");
  });

  test("keeps its own count when an update comes without one", () => {
    const { unread: _unread, ...told } = conversation({ version: 2, publicSeq: 2 });
    const state = after(
      { type: "fetched", conversations: [conversation({ unread: 1, publicSeq: 1 })] },
      said("public", 2, contact),
      { type: "updated", conversation: told as Conversation },
    );
    expect(held(state).unread).toBe(2);
  });

  test("counts an entry once, whether its event or the conversation's update comes first", () => {
    const fetched: Action = { type: "fetched", conversations: [conversation({ unread: 3, publicSeq: 5 })] };
    const update: Action = { type: "updated", conversation: conversation({ version: 2, unread: 4, publicSeq: 6 }) };
    expect(held(after(fetched, said("public", 6, contact), update)).unread).toBe(4);
    expect(held(after(fetched, update, said("public", 6, contact))).unread).toBe(4);
  });

  test("an agent's unread counts both timelines, and each is read for itself", () => {
    const talk = [opened(), said("public", 1, contact), said("internal", 1, colleague), said("public", 2, agent)];
    expect(held(after(...talk)).unread).toBe(2);
    expect(held(after(...talk, read("public", 2))).unread).toBe(1);
    expect(held(after(...talk, read("public", 2), read("internal", 1))).unread).toBe(0);
  });

  test("a colleague's receipt reads nothing in one's own name", () => {
    const theirs: Action = {
      type: "receipt",
      conversationId,
      receipt: { audience: "public", actor: colleague, deliveredSeq: 1, readSeq: 1 },
    };
    expect(held(after(opened(), said("public", 1, contact), theirs)).unread).toBe(1);
  });

  test("the contact waits from the first unanswered message to the next answer", () => {
    const asked = [opened(), said("public", 1, contact), said("public", 2, contact)];
    expect(held(after(...asked))).toMatchObject({ waitingSince: time(1), lastEntry: { seq: 2 } });
    const noted = held(after(...asked, said("internal", 1, colleague)));
    expect(noted).toMatchObject({ waitingSince: time(1), lastEntry: { audience: "public", seq: 2 }, internalSeq: 1 });
    const answered = held(after(...asked, said("public", 3, agent)));
    expect(answered).toMatchObject({ firstResponseAt: time(3), publicSeq: 3, updatedAt: time(3) });
    expect(answered.waitingSince).toBeUndefined();
  });

  test("what a head tells of beyond what is held is known to be lacking", () => {
    const state = after(opened(), { type: "updated", conversation: conversation({ version: 2, publicSeq: 7 }) });
    expect(state.timelines[`${conversationId}:public`]).toMatchObject({ heldSeq: 0, headSeq: 7 });
  });
});
