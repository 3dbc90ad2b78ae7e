import type { Conversation, Presence } from "../../server/contract/entities.ts";
import type { ClientState } from "../core/state.ts";
import { entriesOf, typistsOf } from "../core/view.ts";

/** Whoever wrote so lately is there, whatever else they are said to be. */
export const justWroteMs = 5 * 60_000;

/**
 * Whether the agent of a conversation is there for the contact, and until when that rests on what they wrote. "Away" of
 * somebody who writes would be a lie: it says that they take no new conversations, not that they left this one.
 */
export const presenceOf = (
  state: ClientState,
  { id, assigneeId }: Pick<Conversation, "id" | "assigneeId">,
  nowMs: number,
): { here: Presence | undefined; untilMs?: number } => {
  const known = state.presence[`agent:${assigneeId ?? ""}`];
  const here = known?.presence === "online" && known.availability === "away" ? "idle" : known?.presence;
  if (here !== "idle") return { here };
  if (typistsOf(state, id).some((typist) => typist.id === assigneeId)) return { here: "online" };
  const last = entriesOf(state, id).findLast(({ kind, author }) => kind === "message" && author.id === assigneeId);
  const untilMs = last ? Date.parse(last.createdAt) + justWroteMs - state.session.clockOffsetMs : 0;
  return untilMs > nowMs ? { here: "online", untilMs } : { here };
};
