import { v7 as uuidv7 } from "uuid";
import { type Database, placesByDatabase, type Tenancy } from "../../db/tenancy.ts";
import type { Audience, Entry } from "../contract/entities.ts";
import { failpoint } from "../failpoint.ts";
import type { Metrics } from "../metrics.ts";
import type { Publish } from "../realtime/publish.ts";
import { type Committed, createGroupCommit } from "./group-commit.ts";

/** A message on its way into a timeline. */
export type Message = {
  tenantId: string;
  conversationId: string;
  audience: Audience;
  author: { kind: "contact" | "agent"; id: string; name?: string };
  clientId: string;
  body: string;
  replyToSeq?: number | undefined;
  /** An agent's public reply is held when another agent replied after this. */
  seenSeq?: number | undefined;
  /** The author sees every support conversation of the tenant. */
  seesAll: boolean;
  /** A full agent's reply to what nobody holds: it is sent, and the conversation stays where it is. */
  leavesUnheld?: boolean | undefined;
  /** The socket it came by: it gets the ack and needs no event. */
  socketId?: string | undefined;
};

/** What became of a message; the verdicts are those of `append_entries`. */
export type Appended = {
  verdict: "appended" | "known" | "not_found" | "read_only" | "no_target" | "held" | "claim" | "reopen";
  entry: Entry;
  headSeq: number;
  /** The conversation's state changed with it: a contact's message ended `pending` or `snoozed`. */
  woke: boolean;
};

export type Append = { message: (message: Message) => Promise<Appended>; idle: () => Promise<void> };

type Judged<Verdict> = [n: number, Verdict, seq: number | null, head: number | null, woke: boolean, Entry | null];
/** What `append_entries` answers who waits for locks. */
export type Answer = { at: string; rows: Judged<Appended["verdict"]>[] };
/** What it answers who does not. */
type AnswerAtOnce = { at: string; rows: Judged<Appended["verdict"] | "locked">[] };
type Row = { message: Message; id: string };

// A batch is bounded so that its first rows don't wait for ever for the last.
const mostRows = 300;

/** The call of `append_entries`: the rows, then what `keysOf` makes of them. It passes over conversations that are locked. */
export const appendCall = "SELECT append_entries($1, $2, $3, $4, false) AS r";

/**
 * As uuid arrays: the tenants of a batch, and each of its conversations once, behind the tenant it belongs to, in the one
 * order in which every caller locks them.
 */
export const keysOf = (batch: { t: string; c: string }[]): [tenants: string, owners: string, touched: string] => {
  // By both ids: another tenant may name a conversation that isn't theirs, and that must not unlock the real one.
  const byBoth = [...new Map(batch.map(({ t, c }) => [t + c, { t, c }]))];
  const pairs = byBoth.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
  const list = (ids: Iterable<string>) => `{${[...ids].join(",")}}`;
  return [list(new Set(pairs.map(({ t }) => t))), list(pairs.map(({ t }) => t)), list(pairs.map(({ c }) => c))];
};

type BatchRow = ReturnType<typeof toRow>;

/**
 * Marks replies that rest on a `seenSeq` and come behind another agent's in the same batch: the statement judges by what was
 * stored before the batch, and would let all of them pass.
 */
const markOvertaken = (batch: BatchRow[]): BatchRow[] => {
  const replied = new Map<string, Set<string>>();
  for (const row of batch) {
    if (row.k !== "agent" || row.a !== "public") continue;
    const authors = replied.get(row.c) ?? new Set<string>();
    if (row.s !== undefined && (authors.size > 1 || (authors.size === 1 && !authors.has(row.u)))) row.o = true;
    replied.set(row.c, authors.add(row.u));
  }
  return batch;
};

/** A message as `append_entries` reads it. */
export const toRow = (m: Message, n: number, id: string) => ({
  o: undefined as boolean | undefined,
  n,
  t: m.tenantId,
  c: m.conversationId,
  a: m.audience,
  k: m.author.kind,
  u: m.author.id,
  nm: m.author.name,
  ci: m.clientId,
  i: id,
  b: m.body,
  r: m.replyToSeq,
  s: m.seenSeq,
  x: m.seesAll,
  f: m.leavesUnheld,
});

export const present = ({ message, id }: Row, seq: number, createdAt: string): Entry => ({
  id,
  conversationId: message.conversationId,
  audience: message.audience,
  seq,
  kind: "message",
  author: message.author,
  clientId: message.clientId,
  body: message.body,
  ...(message.replyToSeq !== undefined && { replyToSeq: message.replyToSeq }),
  createdAt,
});

/** One author's resend while the first is still on its way shares its fate; the statement sees each client id once. */
const keyOf = ({ conversationId, author, clientId }: Message) => `${conversationId}:${author.id}:${clientId}`;

/**
 * The writer of messages. Costs one database round trip a batch: access check, idempotency, numbering, counters, waiting
 * time, first response and wake-up of the conversation all ride in the one statement.
 */
export const createAppend = (deps: { tenancy: Tenancy; metrics: Metrics; publish: Publish }): Append => {
  const { tenancy, metrics, publish } = deps;

  const ask = async (database: Database, rows: Row[], places: number[]): Promise<AnswerAtOnce> => {
    const batch = markOvertaken(places.map((n) => toRow(rows[n]!.message, n, rows[n]!.id)));
    const stop = metrics.appendSeconds.startTimer();
    failpoint("append:before-commit");
    const values = [JSON.stringify(batch), ...keysOf(batch)];
    const [answer] = await database.call<{ r: AnswerAtOnce }>("append", "append", appendCall, values);
    failpoint("append:after-commit");
    stop();
    return answer!.r;
  };

  const tell = (rows: Row[], answers: AnswerAtOnce[]): Appended[] => {
    const results = Array.from<Appended>({ length: rows.length });
    for (const { at, rows: judged } of answers)
      for (const [n, verdict, seq, head, woke, stored] of judged) {
        if (verdict === "locked") continue;
        const { message } = rows[n]!;
        const entry = stored ?? present(rows[n]!, seq ?? 0, at);
        results[n] = { verdict, entry, headSeq: head ?? entry.seq, woke };
        if (verdict === "appended") publish.entry(message.tenantId, entry, message.socketId);
      }
    metrics.appendBatch.observe(rows.length);
    publish.flush();
    failpoint("append:after-publish");
    return results;
  };

  const commit = async (rows: Row[]): Promise<Committed<Appended>> => {
    const answers: AnswerAtOnce[] = [];
    const messages = rows.map(({ message }) => message);
    for (const [database, places] of placesByDatabase(tenancy, messages))
      answers.push(await ask(database, rows, places));
    const passedOver: number[] = [];
    for (const { rows: judged } of answers)
      for (const [n, verdict] of judged) if (verdict === "locked") passedOver.push(n);
    metrics.appendPassedOver.inc(passedOver.length);
    return { passedOver, tell: () => tell(rows, answers) };
  };

  const conversationOf = ({ message }: Row) => `${message.tenantId}:${message.conversationId}`;
  const group = createGroupCommit<Row, Appended>({ commit, keyOf: conversationOf, mostRows });
  const underWay = new Map<string, Promise<Appended>>();

  return {
    message: (message) => {
      const key = keyOf(message);
      const twin = underWay.get(key);
      if (twin)
        return twin.then((appended) =>
          appended.verdict === "appended" ? { ...appended, verdict: "known" } : appended,
        );
      const stored = group.submit({ message, id: uuidv7() });
      underWay.set(key, stored);
      const forget = () => underWay.delete(key);
      stored.then(forget, forget);
      return stored;
    },
    idle: group.idle,
  };
};
