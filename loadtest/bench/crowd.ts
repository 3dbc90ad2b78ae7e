import { cpuBetween, cpuMicros, familyOf } from "./machine.ts";
import { openSession, type Session } from "./session.ts";
import { createTalk, type Outcome, type Pace, type Speaker, type Talk } from "./talk.ts";

/** Whom a crowd connects to, and as whom. */
export type Meeting = { conversations: number } & (
  | { kind: "bare"; port: number; receivers: number }
  | {
      kind: "parley";
      /** Where contacts and agents connect: the same node or two. */
      contactPort: number;
      agentPort: number;
      inboxKey: string;
      origin: string;
      /** One per agent; conversations are dealt out among them. */
      accessTokens: string[];
    }
);

/** Processes whose CPU counts together. */
export type Watched = Record<string, number[]>;

export type Order =
  | { order: "meet"; meeting: Meeting }
  | { order: "talk"; pace: Pace; warmMs: number; ms: number; watched: Watched }
  /** More connections that do nothing; as many agents as widgets where the meeting is Parley's. */
  | { order: "idle"; meeting: Meeting; count: number };

/** What a crowd measured: messages, and microseconds of CPU by group over the span, the crowd's own as `generator`. */
export type Talked = Outcome & { cpu: Record<string, number> };

const idle: Session[] = [];
let talk: Talk | undefined;

/** Runs `make` for 0…count-1, some at a time. */
const dealOut = async <T>(count: number, make: (index: number) => Promise<T>, atATime = 25): Promise<T[]> => {
  const made = Array.from<T>({ length: count });
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return made;
};

const widgetAuth = ({ inboxKey }: { inboxKey: string }) => ({ inboxKey });

/** A contact starts each conversation; an agent takes it and opens it, as on a desktop. */
const meetAtParley = async (meeting: Extract<Meeting, { kind: "parley" }>): Promise<Talk> => {
  const { contactPort, agentPort, accessTokens, origin, conversations } = meeting;
  const agents = await dealOut(accessTokens.length, (i) =>
    openSession({ port: agentPort, namespace: "/agent", auth: { accessToken: accessTokens[i] } }),
  );
  const speakers = await dealOut(conversations, async (i): Promise<Speaker> => {
    const session = await openSession({ port: contactPort, namespace: "/widget", auth: widgetAuth(meeting), origin });
    const { conversation } = await session.request("conversation:start", { clientId: `start-${i}`, body: "Hello!" });
    const agent = agents[i % agents.length]!;
    await agent.request("conversation:assign", { conversationId: conversation.id });
    await agent.request("conversation:open", { conversationId: conversation.id });
    return { session, conversationId: conversation.id };
  });
  return createTalk(speakers, agents);
};

const meetAtBare = async ({ port, conversations, receivers }: Extract<Meeting, { kind: "bare" }>): Promise<Talk> => {
  const ids = Array.from({ length: conversations }, () => crypto.randomUUID());
  const enter = (rooms: string[]) =>
    openSession({ port, namespace: "", auth: { rooms, authorId: crypto.randomUUID() } });
  const listeners = await dealOut(receivers, (r) => enter(ids.filter((_id, i) => i % receivers === r)));
  const speakers = await dealOut(conversations, async (i) => ({
    session: await enter([ids[i]!]),
    conversationId: ids[i]!,
  }));
  return createTalk(speakers, listeners);
};

const lookAt = (watched: Watched): [string, Map<number, number>][] =>
  Object.entries({ ...watched, generator: [process.pid] }).map(([name, pids]) => [
    name,
    cpuMicros(pids.flatMap(familyOf)),
  ]);

const carryOut = async (order: Order): Promise<unknown> => {
  switch (order.order) {
    case "meet":
      talk = await (order.meeting.kind === "bare" ? meetAtBare(order.meeting) : meetAtParley(order.meeting));
      return {};
    case "talk": {
      if (!talk) throw new Error("A crowd meets before it talks");
      let before: ReturnType<typeof lookAt> = [];
      let after = before;
      const outcome = await talk.run(order.pace, order.warmMs, order.ms, (begins) => {
        if (begins) before = lookAt(order.watched);
        else after = lookAt(order.watched);
      });
      const cpu = Object.fromEntries(after.map(([name, used], i) => [name, cpuBetween(before[i]![1], used)]));
      return { ...outcome, cpu } satisfies Talked;
    }
    case "idle": {
      const { meeting, count } = order;
      const opened = await dealOut(count, (i) => {
        if (meeting.kind === "bare")
          return openSession({ port: meeting.port, namespace: "", auth: { rooms: [], authorId: "" } });
        const { accessTokens, agentPort, contactPort, origin } = meeting;
        return i % 2 === 0
          ? openSession({
              port: agentPort,
              namespace: "/agent",
              auth: { accessToken: accessTokens[(i >> 1) % accessTokens.length] },
            })
          : openSession({ port: contactPort, namespace: "/widget", auth: widgetAuth(meeting), origin });
      });
      idle.push(...opened);
      return {};
    }
  }
};

process.on("message", (order: Order) => {
  carryOut(order).then(
    (answer) => process.send?.({ answer }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on("disconnect", () => process.exit(0));
