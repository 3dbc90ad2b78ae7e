import { performance } from "node:perf_hooks";
import { createSamples, type Spread, spreadOf } from "./numbers.ts";
import type { Session } from "./session.ts";
import { frameOf, mask, payloadAt } from "./wire.ts";

/** What became of the messages of one measured span. */
export type Outcome = {
  seconds: number;
  /** Acks and deliveries that arrived within the span. */
  acked: number;
  delivered: number;
  /** From the moment a message was due to its ack, and to its arrival at the receiver; milliseconds. */
  ack: Spread;
  delivery: Spread;
  refused: number;
  /** Messages acked in the whole run that no receiver got within ten seconds after it. */
  missing: number;
  /** The first refusal, as the server put it. */
  refusal?: string;
};

export type Pace = { window: number } | { perSecond: number };
export type Talk = {
  run: (pace: Pace, warmMs: number, ms: number, atSpan: (begins: boolean) => void) => Promise<Outcome>;
};

export type Speaker = { session: Session; conversationId: string };

/** Like what people write: two sentences. */
const body = "The order arrived today, but one of the two tents is missing its poles. Can you help me?";

const ring = 4_096;
const firstAckId = 100_000;
const ackIds = ring * 200;
const digits = 12;
const open = 0x5b;
const zero = 0x30;
const letterE = 0x65;
const marker = Buffer.from('"clientId":"');
const uuidHead = "5eed0000-0000-4000-8000-";

/** Writes `value` over `length` decimal digits of a masked frame. */
const patch = (frame: Buffer, at: number, length: number, value: number, payload: number): void => {
  let left = value;
  for (let i = at + length - 1; i >= at; i--) {
    const rest = Math.floor(left / 10);
    frame[i] = (zero + left - rest * 10) ^ mask[(i - payload) & 3]!;
    left = rest;
  }
};

const digitsAt = (bytes: Buffer, at: number, length: number): number => {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 10 + bytes[i]! - zero;
  return value;
};

/**
 * Has speakers talk and listeners listen, over sessions whose wires it takes over. A message is a prepared frame in which
 * only digits change: the ack's id and the end of the client id, which carry who sent it and which one it is.
 */
export const createTalk = (speakers: Speaker[], listeners: Session[]): Talk => {
  const acks = createSamples();
  const deliveries = createSamples();
  const due = new Float64Array(speakers.length * ring);
  let phase: "warm" | "span" | "drain" = "drain";
  let pace: Pace = { window: 1 };
  let acked = 0;
  let delivered = 0;
  let ackedInAll = 0;
  let deliveredInAll = 0;
  let sentInAll = 0;
  let refused = 0;
  let refusal: string | undefined;

  const prepared = speakers.map(({ session: { wire, prefix }, conversationId }) => {
    const clientId = `${uuidHead}${"0".repeat(digits)}`;
    const payload = JSON.stringify(["message:send", { conversationId, clientId, body }]);
    const text = `42${prefix}${firstAckId}${payload}`;
    const frame = frameOf(text);
    const begin = payloadAt(text.length);
    const idAt = begin + 2 + prefix.length;
    const countAt = begin + text.indexOf(uuidHead) + uuidHead.length;
    return { wire, frame, begin, idAt, countAt, sent: 0 };
  });

  /** Sends `count` messages of one speaker in one write. */
  const send = (speaker: number, count: number, dueAt: number): void => {
    const one = prepared[speaker]!;
    const { length } = one.frame;
    const frames = Buffer.allocUnsafe(length * count);
    for (let i = 0; i < count; i++) {
      const offset = i * length;
      one.frame.copy(frames, offset);
      const number = one.sent++;
      patch(frames, offset + one.idAt, 6, firstAckId + (number % ackIds), offset + one.begin);
      // Four digits say who speaks, eight count.
      patch(frames, offset + one.countAt, digits, speaker * 1e8 + number, offset + one.begin);
      due[speaker * ring + (number % ring)] = dueAt;
    }
    sentInAll += count;
    one.wire.write(frames);
  };

  // Acks that arrive in one read are answered by one write, as a client's would be.
  let freed: number[] = [];
  const freedBy = new Uint16Array(speakers.length);
  let scheduled = false;
  const goOn = () => {
    scheduled = false;
    const now = performance.now();
    const who = freed;
    freed = [];
    for (const speaker of who) {
      const count = freedBy[speaker]!;
      freedBy[speaker] = 0;
      if (phase !== "drain") send(speaker, count, now);
    }
  };

  speakers.forEach(({ session: { wire, prefix } }, speaker) => {
    const idAt = 2 + prefix.length;
    wire.listen = (bytes, start, end) => {
      if (bytes[start + 1] !== 0x33) return;
      let id = start + idAt;
      let number = 0;
      for (; bytes[id] !== open; id++) number = number * 10 + bytes[id]! - zero;
      // `[{"ok":true` or `[{"ok":false`.
      if (bytes[id + 7] !== 0x74) {
        refused += 1;
        refusal ??= bytes.toString("utf8", id, end);
        return;
      }
      ackedInAll += 1;
      if (phase === "span") {
        acked += 1;
        acks.add(performance.now() - due[speaker * ring + ((number - firstAckId) % ring)]!);
      }
      if ("perSecond" in pace || phase === "drain") return;
      if (freedBy[speaker] === 0) freed.push(speaker);
      freedBy[speaker]! += 1;
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(goOn);
    };
  });

  for (const { wire, prefix } of listeners) {
    const nameAt = 2 + prefix.length + 2;
    wire.listen = (bytes, start) => {
      if (bytes[start + 1] !== 0x32 || bytes[start + nameAt] !== letterE) return;
      const at = bytes.indexOf(marker, start + nameAt) + marker.length + uuidHead.length;
      deliveredInAll += 1;
      if (phase !== "span") return;
      delivered += 1;
      const number = digitsAt(bytes, at + 4, 8);
      deliveries.add(performance.now() - due[digitsAt(bytes, at, 4) * ring + (number % ring)]!);
    };
  }

  /** Sends at a fixed rate whatever comes back, so that a slow answer does not make the next one look quick. */
  const keepPace = (perSecond: number): NodeJS.Timeout => {
    const start = performance.now();
    let sent = 0;
    let speaker = 0;
    return setInterval(() => {
      const now = performance.now();
      const wanted = Math.floor(((now - start) * perSecond) / 1_000);
      for (; sent < wanted; sent++) {
        // Due at the end of its millisecond: the timer's grain is not the server's fault, its lateness counts.
        send(speaker, 1, Math.min(now, start + Math.ceil((sent / perSecond) * 1_000)));
        speaker = (speaker + 1) % speakers.length;
      }
    }, 1);
  };

  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

  const isSettled = () => ackedInAll + refused >= sentInAll && deliveredInAll >= ackedInAll;
  const settle = async (): Promise<void> => {
    const giveUpAt = performance.now() + 10_000;
    while (!isSettled() && performance.now() < giveUpAt) await pause(5);
  };

  return {
    run: async (wanted, warmMs, ms, atSpan) => {
      pace = wanted;
      acked = delivered = ackedInAll = deliveredInAll = sentInAll = refused = 0;
      refusal = undefined;
      phase = "warm";
      const timer = "perSecond" in wanted ? keepPace(wanted.perSecond) : undefined;
      if ("window" in wanted) prepared.forEach((_one, speaker) => send(speaker, wanted.window, performance.now()));
      await pause(warmMs);
      atSpan(true);
      const begun = performance.now();
      phase = "span";
      await pause(ms);
      phase = "drain";
      const seconds = (performance.now() - begun) / 1_000;
      atSpan(false);
      clearInterval(timer);
      await settle();
      return {
        seconds,
        acked,
        delivered,
        ack: spreadOf(acks.take()),
        delivery: spreadOf(deliveries.take()),
        refused,
        missing: ackedInAll - deliveredInAll,
        ...(refusal !== undefined && { refusal }),
      };
    },
  };
};
