import type { Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import { keyOf } from "./recording.ts";
import type { Recording, Sent, TimelineKey } from "./recording.ts";

/** One row of the entries table, as far as the checker cares. */
export type EntryRow = {
  tenantId: string;
  conversationId: string;
  audience: Audience;
  seq: number;
  id: string;
  kind: string;
  authorId: string | null;
  clientId: string | null;
  body: string | null;
  changed: boolean;
};

/** What the tables hold at the end. `owners` says for each id which tenant it belongs to. */
export type Tables = {
  entries: EntryRow[];
  versions: Map<string, number>;
  heads: { conversationId: string; audience: Audience; headSeq: number }[];
  owners: Map<string, string>;
};

/** What a second socket of the same person was shown when it fetched everything anew. */
export type FreshView = { timelines: Map<TimelineKey, Entry[]>; conversations: Map<string, Conversation> };

export type Evidence = { recordings: Recording[]; tables: Tables; fresh: Map<string, FreshView> };

export const rules = {
  once: "every acked message exists exactly once, under its clientId",
  refused: "a refused message does not exist",
  answered: "every message is acked or refused in the end",
  gapless: "seq runs 1..n without a hole",
  ordered: "no client shows k+1 before k",
  fresh: "what a client shows equals a fresh fetch",
  tenant: "nothing of another tenant reaches anybody",
  audience: "a contact never receives an internal entry",
  protocol: "every answer keeps to the wire",
} as const;

export type Violation = { rule: keyof typeof rules; client?: string; detail: string };

/** Every broken promise in the evidence; an empty list means that all of them held. */
export const check = ({ recordings, tables, fresh }: Evidence): Violation[] => {
  const rows = rowsByClientId(tables.entries);
  return [
    ...checkTimelines(tables),
    ...recordings.flatMap((recording) => [
      ...checkSent(recording, rows),
      ...checkShown(recording),
      ...checkFresh(recording, fresh.get(recording.client)),
      ...checkStates(recording, fresh.get(recording.client)),
      ...checkTenant(recording, tables.owners),
      ...recording.remarks.map((detail) => ({ rule: "protocol" as const, client: recording.client, detail })),
    ]),
  ];
};

const rowsByClientId = (entries: EntryRow[]): Map<string, EntryRow[]> => {
  const rows = new Map<string, EntryRow[]>();
  for (const row of entries) {
    if (row.clientId === null) continue;
    const key = `${row.authorId}/${row.clientId}`;
    const same = rows.get(key);
    if (same) same.push(row);
    else rows.set(key, [row]);
  }
  return rows;
};

const checkTimelines = ({ entries, heads }: Tables): Violation[] => {
  const timelines = new Map<TimelineKey, number[]>();
  for (const { conversationId, audience, seq } of entries) {
    const key = keyOf(conversationId, audience);
    const seqs = timelines.get(key);
    if (seqs) seqs.push(seq);
    else timelines.set(key, [seq]);
  }
  const violations: Violation[] = [];
  for (const [key, seqs] of timelines) {
    const sorted = seqs.toSorted((a, b) => a - b);
    const at = sorted.findIndex((seq, index) => seq !== index + 1);
    if (at >= 0) violations.push({ rule: "gapless", detail: `${key}: ${at + 1} expected, ${sorted[at]} found` });
  }
  for (const { conversationId, audience, headSeq } of heads) {
    const count = timelines.get(keyOf(conversationId, audience))?.length ?? 0;
    if (count !== headSeq) {
      const detail = `${keyOf(conversationId, audience)}: the conversation counts ${headSeq}, the timeline holds ${count}`;
      violations.push({ rule: "gapless", detail });
    }
  }
  return violations;
};

const describe = ({ conversationId, audience, clientId, attempts }: Sent) =>
  `${clientId} to ${keyOf(conversationId, audience)}, sent ${attempts} times,`;

const checkSent = ({ client, actor, sent }: Recording, rows: Map<string, EntryRow[]>): Violation[] =>
  sent.flatMap((message): Violation[] => {
    const found = rows.get(`${actor.id}/${message.clientId}`) ?? [];
    const broken = (rule: Violation["rule"], detail: string) => [
      { rule, client, detail: `${describe(message)} ${detail}` },
    ];
    if (message.refusal && found.length > 0) {
      return broken("refused", `was refused (${message.refusal.code}) and stands at ${found[0]!.seq}`);
    }
    if (message.refusal) return [];
    if (found.length > 1)
      return broken("once", `stands ${found.length} times: at ${found.map(({ seq }) => seq).join(", ")}`);
    if (!message.ack) return broken("answered", `was never answered and ${found.length === 0 ? "is lost" : "stands"}`);
    const [row] = found;
    if (!row) return broken("once", `was acked as ${message.ack.seq} and is lost`);
    if (row.seq !== message.ack.seq || row.id !== message.ack.id) {
      return broken("once", `was acked as ${message.ack.seq} (${message.ack.id}) and stands at ${row.seq} (${row.id})`);
    }
    if (row.conversationId !== message.conversationId || row.audience !== message.audience) {
      return broken("once", `stands in ${keyOf(row.conversationId, row.audience)}`);
    }
    if (!row.changed && row.body !== message.body) return broken("once", `stands with another text: ${row.body}`);
    return [];
  });

const checkShown = ({ client, actor, shown, view }: Recording): Violation[] => {
  const violations: Violation[] = [];
  for (const [key, seqs] of shown) {
    const at = seqs.findIndex((seq, index) => index > 0 && seq !== seqs[index - 1]! + 1);
    if (at > 0) violations.push({ rule: "ordered", client, detail: `${key}: ${seqs[at]} shown after ${seqs[at - 1]}` });
  }
  if (actor.kind !== "contact") return violations;
  for (const [key, entries] of view) {
    const internal = [...entries.values()].find((entry) => entry.audience === "internal");
    if (internal) violations.push({ rule: "audience", client, detail: `${key}: internal entry ${internal.seq}` });
  }
  return violations;
};

/** The same entry as text, whatever the order of keys and of those who reacted. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null) return inner;
    if (Array.isArray(inner)) {
      return key === "reactions" || key === "actors"
        ? inner.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
        : inner;
    }
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });

const checkFresh = ({ client, view }: Recording, fresh: FreshView | undefined): Violation[] => {
  if (!fresh) return [{ rule: "fresh", client, detail: "nothing was fetched to compare with" }];
  const violations: Violation[] = [];
  const { timelines } = fresh;
  for (const key of new Set([...view.keys(), ...timelines.keys()])) {
    const shown = view.get(key) ?? new Map<number, Entry>();
    const fetched = timelines.get(key) ?? [];
    // A client may hold the newer part alone; from where it begins, it must hold all.
    const from = shown.size > 0 ? Math.min(...shown.keys()) : 0;
    const expected = fetched.filter(({ seq }) => seq >= from);
    const wrong = expected.find((entry) => canonical(shown.get(entry.seq)) !== canonical(entry));
    if (wrong) {
      const held = shown.get(wrong.seq);
      const detail = held
        ? `shows ${canonical(held)}, a fresh fetch ${canonical(wrong)}`
        : `lacks ${wrong.seq} (head ${fetched.at(-1)?.seq})`;
      violations.push({ rule: "fresh", client, detail: `${key}: ${detail}` });
    } else if (shown.size !== expected.length) {
      violations.push({
        rule: "fresh",
        client,
        detail: `${key}: shows ${shown.size}, a fresh fetch ${expected.length}`,
      });
    }
  }
  return violations;
};

/** The part of a conversation that changes with its version and is told to all who follow it. */
const stateOf = ({ version, status, assigneeId, departmentId, subject, tags, priority }: Conversation) =>
  canonical({ version, status, assigneeId, departmentId, subject, tags, priority });

const checkStates = ({ client, conversations }: Recording, fresh: FreshView | undefined): Violation[] =>
  [...(fresh?.conversations ?? [])].flatMap(([id, fetched]): Violation[] => {
    const known = conversations.get(id);
    if (known && stateOf(known) === stateOf(fetched)) return [];
    const detail = `${id}: knows ${known ? stateOf(known) : "nothing"}, a fresh fetch tells ${stateOf(fetched)}`;
    return [{ rule: "fresh", client, detail }];
  });

const checkTenant = ({ client, tenantId, ids, uttered }: Recording, owners: Map<string, string>): Violation[] => {
  const foreign = [...ids].find((id) => !uttered.has(id) && owners.has(id) && owners.get(id) !== tenantId);
  return foreign === undefined
    ? []
    : [
        {
          rule: "tenant",
          client,
          detail: `of tenant ${tenantId} received ${foreign} of tenant ${owners.get(foreign)}`,
        },
      ];
};

/** A report a person can read: what was looked at, then each broken rule with its first cases. */
export const report = (violations: Violation[], { recordings, tables }: Evidence): string => {
  const sent = recordings.flatMap((recording) => recording.sent);
  const lines = [
    `${recordings.length} clients, ${sent.length} messages sent, ${sent.filter(({ ack }) => ack).length} acked, ` +
      `${sent.filter(({ attempts }) => attempts > 1).length} sent more than once, ` +
      `${tables.entries.length} entries in ${new Set(tables.entries.map((e) => keyOf(e.conversationId, e.audience))).size} timelines`,
  ];
  for (const [rule, sentence] of Object.entries(rules)) {
    const broken = violations.filter((violation) => violation.rule === rule);
    if (broken.length === 0) continue;
    lines.push(`BROKEN ${broken.length} times: ${sentence}`);
    for (const { client, detail } of broken.slice(0, 5))
      lines.push(`  - ${client === undefined ? "" : `${client}: `}${detail}`);
    if (broken.length > 5) lines.push(`  - and ${broken.length - 5} more`);
  }
  if (violations.length === 0) lines.push("Nothing was lost, doubled, disordered or leaked.");
  return lines.join("\n");
};
