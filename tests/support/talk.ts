import type { Audience, Entry } from "../../server/contract/entities.ts";
import { ParleyError } from "../../widget-sdk/core/errors.ts";
import type { Random } from "./random.ts";
import type { Speaker } from "./speaker.ts";
import { CommandFailed } from "./virtual-client.ts";
import { sleep } from "./wait.ts";

/** A conversation and those who speak in it, the contact first. */
export type Talk = { conversationId: string; contact: Speaker; agents: Speaker[] };

/** A contact starts a conversation and agents open it; the first of them answers, which takes it. */
export const beginTalk = async (contact: Speaker, agents: Speaker[]): Promise<Talk> => {
  const { id } = await contact.start("hello");
  for (const agent of agents) await agent.open(id);
  await agents[0]?.send(id, "how can I help?");
  return { conversationId: id, contact, agents };
};

/** What people do to a message once it stands. Each may be refused, e.g. for a message that was deleted meanwhile. */
const touch = async ({ conversationId, contact, agents }: Talk, random: Random): Promise<void> => {
  const person = random.pick([contact, ...agents]);
  const audience: Audience = person === contact || random.fraction() < 0.7 ? "public" : "internal";
  const view = person.recording.view.get(`${conversationId}/${audience}`);
  const own = (entry: Entry) => entry.author.id === person.recording.actor.id && entry.deletedAt === undefined;
  const messages = [...(view?.values() ?? [])].filter((entry) => entry.kind === "message").slice(-10);
  const about = { conversationId, ...(audience === "internal" && { audience }) };
  const mine = messages.filter(own);
  const what = random.between(1, 5);
  try {
    if (what === 1 && mine.length > 0) {
      const body = `${person.options.tenantId} edited ${random.between(1, 1000)}`;
      await person.insist("message:edit", { ...about, seq: random.pick(mine).seq, body });
    } else if (what === 2 && mine.length > 0) {
      await person.insist("message:delete", { ...about, seq: random.pick(mine).seq });
    } else if (what === 3 && messages.length > 0) {
      const emoji = random.pick(["👍", "🎉", "❤️"]);
      const remove = random.fraction() < 0.3;
      await person.insist("message:react", {
        ...about,
        seq: random.pick(messages).seq,
        emoji,
        ...(remove && { remove }),
      });
    } else if (what === 4) {
      const seq = person.shownSeq(conversationId, audience);
      await person.insist("receipt:record", { ...about, deliveredSeq: seq, readSeq: seq });
    } else {
      await person.insist("typing:set", { ...about, typing: random.fraction() < 0.5 });
    }
  } catch (error) {
    if (!(error instanceof CommandFailed || error instanceof ParleyError)) throw error;
  }
};

export type Talking = {
  /** How many messages were acked so far. */
  readonly acked: number;
  /** Resolves when `count` more messages were acked. */
  more: (count: number) => Promise<void>;
  /** Nobody begins anything new; resolves when everything begun was answered. */
  stop: () => Promise<void>;
};

/**
 * Lets everybody speak until told to stop: messages, notes, edits, deletions, reactions, receipts, typing. In each
 * conversation one message waits for the other's ack; `pauseMs` is the mean silence between two.
 */
export const keepTalking = (talks: Talk[], random: Random, { pauseMs = 40 } = {}): Talking => {
  const ending = new AbortController();
  let acked = 0;
  let count = 0;
  let waiting: { from: number; done: () => void }[] = [];
  const speak = async (talk: Talk) => {
    const person = random.pick([talk.contact, ...talk.agents]);
    const audience: Audience = person !== talk.contact && random.fraction() < 0.2 ? "internal" : "public";
    const sent = await person.send(talk.conversationId, `${person.options.name} says ${(count += 1)}`, { audience });
    if (!sent.ack) return;
    acked += 1;
    for (const { from, done } of waiting) if (acked >= from) done();
    waiting = waiting.filter(({ from }) => acked < from);
  };
  const loops = talks.map(async (talk) => {
    await sleep(random.between(0, pauseMs * 2));
    while (!ending.signal.aborted) {
      await (random.fraction() < 0.8 ? speak(talk) : touch(talk, random));
      await sleep(random.between(0, pauseMs * 2));
    }
  });
  return {
    get acked() {
      return acked;
    },
    more: (messages) =>
      new Promise((done) => {
        waiting.push({ from: acked + messages, done });
      }),
    stop: async () => {
      ending.abort();
      await Promise.all(loops);
    },
  };
};
