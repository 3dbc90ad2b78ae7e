import { randomUUID } from "node:crypto";
import type { Socket } from "socket.io-client";
import { createSamples, spreadOf } from "./bench/numbers.ts";

/** A small company's only visitor and only agent, both connected. */
export type Neighbour = { visitor: Socket; agent: Socket };

/** Starts a conversation, and resolves with how many milliseconds it took until the agent had it; it is resolved then. */
const ask = async ({ visitor, agent }: Neighbour): Promise<number> => {
  const since = performance.now();
  const assigned = new Promise<{ conversation: { id: string } }>((resolve) =>
    agent.once("conversation:assigned", resolve),
  );
  visitor.emit("conversation:start", { clientId: randomUUID(), body: "hello" });
  const { conversation } = await assigned;
  const ms = performance.now() - since;
  await agent.emitWithAck("conversation:resolve", { conversationId: conversation.id });
  return ms;
};

const gapMs = 50;

/** What the neighbour feels until `end` resolves: from a visitor's start to the agent's desktop. */
export const feel = async (neighbour: Neighbour, end: Promise<void>): Promise<string> => {
  const samples = createSamples();
  const isOver = end.then(() => true);
  const gap = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), gapMs));
  do samples.add(await ask(neighbour));
  while (!(await Promise.race([isOver, gap()])));
  const taken = samples.take();
  const { p50, p99, max } = spreadOf(taken);
  return `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, at most ${max.toFixed(0)} ms (${taken.length} measured)`;
};
