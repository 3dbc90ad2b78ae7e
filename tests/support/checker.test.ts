import { describe, expect, test } from "vitest";
import type { Conversation, Entry } from "../../server/contract/entities.ts";
import { check, report, rules } from "./checker.ts";
import type { Evidence, Violation } from "./checker.ts";
import { keyOf, learn, newRecording, noteIds, show } from "./recording.ts";

const tenantA = "aaaaaaaa-0000-4000-8000-000000000001";
const tenantB = "bbbbbbbb-0000-4000-8000-000000000001";
const conversationId = "aaaaaaaa-0000-4000-8000-0000000000c1";
const contactId = "aaaaaaaa-0000-4000-8000-0000000000d1";
const foreignId = "bbbbbbbb-0000-4000-8000-0000000000c1";
const entryId = (seq: number) => `aaaaaaaa-0000-4000-8000-00000000e${String(seq).padStart(3, "0")}`;

const message = (seq: number): Entry => ({
  id: entryId(seq),
  conversationId,
  audience: "public",
  seq,
  kind: "message",
  author: { kind: "contact", id: contactId },
  clientId: `c${seq}`,
  body: `hello ${seq}`,
  createdAt: "2026-01-01T00:00:00.000Z",
});

const conversation: Conversation = {
  id: conversationId,
  kind: "support",
  status: "queued",
  priority: 0,
  tags: [],
  version: 1,
  publicSeq: 3,
  unread: 0,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
};

/** Three messages of one contact, all well; each test spoils one thing. */
const wellDone = () => {
  const entries = [message(1), message(2), message(3)];
  const recording = newRecording("visitor", tenantA);
  recording.actor = { kind: "contact", id: contactId };
  learn(recording, conversation);
  for (const entry of entries) {
    show(recording, entry);
    noteIds(recording.ids, entry);
    const { id, seq, clientId, body } = entry;
    recording.sent.push({
      conversationId,
      audience: "public",
      clientId: clientId!,
      body: body!,
      attempts: 1,
      ack: { id, seq },
    });
  }
  const evidence: Evidence = {
    recordings: [recording],
    tables: {
      entries: entries.map(({ id, seq, clientId, body }) => ({
        tenantId: tenantA,
        conversationId,
        audience: "public",
        seq,
        id,
        kind: "message",
        authorId: contactId,
        clientId: clientId!,
        body: body!,
        changed: false,
      })),
      versions: new Map([[conversationId, 1]]),
      heads: [{ conversationId, audience: "public", headSeq: 3 }],
      owners: new Map([
        [tenantA, tenantA],
        [conversationId, tenantA],
        [tenantB, tenantB],
        [foreignId, tenantB],
      ]),
    },
    fresh: new Map([
      [
        "visitor",
        {
          timelines: new Map([[keyOf(conversationId, "public"), structuredClone(entries)]]),
          conversations: new Map([[conversationId, structuredClone(conversation)]]),
        },
      ],
    ]),
  };
  return {
    evidence,
    recording,
    rows: evidence.tables.entries,
    view: recording.view.get(keyOf(conversationId, "public"))!,
  };
};

type World = ReturnType<typeof wellDone>;
const spoilt: [string, Violation["rule"][], (world: World) => void][] = [
  [
    "an acked message that is not in the table",
    ["gapless", "once"],
    ({ rows }) => {
      rows.splice(2, 1);
    },
  ],
  [
    "an acked message that stands twice",
    ["once"],
    ({ rows, evidence }) => {
      rows.push({ ...rows[0]!, seq: 4, id: entryId(4) });
      evidence.tables.heads[0]!.headSeq = 4;
    },
  ],
  [
    "an ack that told another seq",
    ["once"],
    ({ recording }) => {
      recording.sent[1]!.ack!.seq = 1;
    },
  ],
  [
    "an ack that told another entry",
    ["once"],
    ({ recording }) => {
      recording.sent[1]!.ack!.id = entryId(9);
    },
  ],
  [
    "a message in another conversation than it was sent to",
    ["gapless", "gapless", "once"],
    ({ rows }) => {
      rows[2]!.conversationId = entryId(77);
      rows[2]!.seq = 3;
    },
  ],
  [
    "a text that was swapped",
    ["once"],
    ({ rows }) => {
      rows[1]!.body = "something else";
    },
  ],
  [
    "a message nobody answered for",
    ["answered"],
    ({ recording }) => {
      delete recording.sent[0]!.ack;
    },
  ],
  [
    "a refused message that was stored",
    ["refused"],
    ({ recording }) => {
      delete recording.sent[0]!.ack;
      recording.sent[0]!.refusal = { code: "conflict", message: "no", retryable: false };
    },
  ],
  [
    "a hole in a timeline",
    ["gapless", "once"],
    ({ rows }) => {
      rows[2]!.seq = 4;
    },
  ],
  [
    "a seq given twice",
    ["gapless", "once"],
    ({ rows }) => {
      rows[2]!.seq = 2;
    },
  ],
  [
    "a counter that is ahead of its timeline",
    ["gapless"],
    ({ evidence }) => {
      evidence.tables.heads[0]!.headSeq = 4;
    },
  ],
  [
    "entries shown out of order",
    ["ordered"],
    ({ recording }) => {
      recording.shown.set(keyOf(conversationId, "public"), [1, 3, 2]);
    },
  ],
  [
    "an entry shown twice",
    ["ordered"],
    ({ recording }) => {
      recording.shown.set(keyOf(conversationId, "public"), [1, 2, 2, 3]);
    },
  ],
  [
    "an entry a client never got",
    ["fresh"],
    ({ view }) => {
      view.delete(3);
    },
  ],
  [
    "an entry a fresh fetch does not show",
    ["fresh"],
    ({ view }) => {
      view.set(4, message(4));
    },
  ],
  [
    "an edit a client missed",
    ["fresh"],
    ({ evidence }) => {
      evidence.fresh.get("visitor")!.timelines.get(keyOf(conversationId, "public"))![0]!.body = "edited";
    },
  ],
  [
    "a timeline a client never showed",
    ["fresh"],
    ({ evidence }) => {
      evidence.fresh.get("visitor")!.timelines.set(keyOf(entryId(5), "public"), [message(1)]);
    },
  ],
  [
    "a change of state a client missed",
    ["fresh"],
    ({ evidence }) => {
      evidence.fresh.get("visitor")!.conversations.set(conversationId, { ...conversation, status: "open", version: 2 });
    },
  ],
  [
    "a conversation a client knows nothing of",
    ["fresh"],
    ({ recording }) => {
      recording.conversations.clear();
    },
  ],
  [
    "a client nothing was fetched for",
    ["fresh"],
    ({ evidence }) => {
      evidence.fresh.clear();
    },
  ],
  [
    "an id of another tenant",
    ["tenant"],
    ({ recording }) => {
      noteIds(recording.ids, { conversation: { id: foreignId } });
    },
  ],
  [
    "a text of another tenant",
    ["tenant"],
    ({ recording }) => {
      noteIds(recording.ids, { entry: { body: `from ${tenantB}: hello` } });
    },
  ],
  [
    "an internal entry at a contact",
    ["audience"],
    ({ view }) => {
      view.set(2, { ...message(2), audience: "internal" });
    },
  ],
  [
    "an answer that broke the wire",
    ["protocol"],
    ({ recording }) => {
      recording.remarks.push("a sync left out 2");
    },
  ],
];

describe("the checker", () => {
  test("finds nothing wrong where all is well", () => {
    const { evidence } = wellDone();
    expect(check(evidence)).toEqual([]);
    expect(report([], evidence)).toContain("Nothing was lost");
  });

  test.each(spoilt)("catches %s", (_title, expected, spoil) => {
    const world = wellDone();
    spoil(world);
    const violations = check(world.evidence);
    const found = violations.map(({ rule }) => rule);
    for (const rule of expected) expect(found).toContain(rule);
    for (const rule of new Set(expected)) expect(report(violations, world.evidence)).toContain(rules[rule]);
  });

  test("an id a client named itself is no leak when it is echoed, but what comes with it is", () => {
    const { evidence, recording } = wellDone();
    noteIds(recording.uttered, { conversationId: foreignId });
    noteIds(recording.ids, { error: { details: { conversationIds: [foreignId] } } });
    expect(check(evidence)).toEqual([]);
    noteIds(recording.ids, { tenant: { id: tenantB } });
    expect(check(evidence)).toMatchObject([{ rule: "tenant" }]);
  });

  test("every rule has a case that breaks it", () => {
    expect(new Set(spoilt.flatMap(([, broken]) => broken))).toEqual(new Set(Object.keys(rules)));
  });
});

describe("a recording", () => {
  test("applies edits, deletions and reactions to the message they name", () => {
    const recording = newRecording("visitor", tenantA);
    const activity = (seq: number, said: Entry["activity"]): Entry => ({
      ...message(seq),
      kind: "activity",
      activity: said,
    });
    show(recording, message(1));
    show(
      recording,
      activity(2, { type: "message_edited", seq: 1, body: "better", editedAt: "2026-01-01T00:00:01.000Z" }),
    );
    show(recording, activity(3, { type: "message_reacted", seq: 1, emoji: "👍", removed: false }));
    const view = recording.view.get(keyOf(conversationId, "public"))!;
    expect(view.get(1)).toMatchObject({ body: "better", reactions: [{ emoji: "👍", actors: [{ id: contactId }] }] });
    show(recording, activity(4, { type: "message_reacted", seq: 1, emoji: "👍", removed: true }));
    show(recording, activity(5, { type: "message_deleted", seq: 1, deletedAt: "2026-01-01T00:00:02.000Z" }));
    expect(view.get(1)).not.toHaveProperty("reactions");
    expect(view.get(1)).not.toHaveProperty("body");
    expect(recording.shown.get(keyOf(conversationId, "public"))).toEqual([1, 2, 3, 4, 5]);
  });
});
