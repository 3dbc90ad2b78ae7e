import type { Conversation, Status } from "../../server/contract/entities.ts";
import { fold } from "../../server/contract/text.ts";

export type View = "mine" | "queue" | "all";
export type Shelf = { view: View; status: Status | null };

/** One string per list that is fetched and paged on its own. */
export const shelfKey = ({ view, status }: Shelf): string => `${view}:${status ?? "any"}`;

/** What a conversation that somebody works on can be. Resolved ones are nobody's work and listed under `all`. */
export const heldStatuses: readonly Status[] = ["open", "pending", "snoozed"];

/** Whether the server would list this conversation on the shelf, so that live changes move it in and out. */
export const belongs = (conversation: Conversation, { view, status }: Shelf, me: string): boolean => {
  if (status && conversation.status !== status) return false;
  if (view === "queue") return conversation.status === "queued";
  if (view === "mine") return conversation.assigneeId === me && heldStatuses.includes(conversation.status);
  return true;
};

const byId = (a: Conversation, b: Conversation) => (a.id < b.id ? 1 : -1);
const newestFirst = (a: Conversation, b: Conversation) =>
  Date.parse(b.updatedAt) - Date.parse(a.updatedAt) || byId(a, b);
/** Since when it waits for an agent, ISO. */
export const queuedSince = ({ queuedAt, createdAt }: Conversation): string => queuedAt ?? createdAt;

const nextFirst = (a: Conversation, b: Conversation) =>
  b.priority - a.priority || Date.parse(queuedSince(a)) - Date.parse(queuedSince(b)) || -byId(a, b);

/** The order of a view on screen: the queue as it is served, by priority and then waiting time, elsewhere the latest word. */
export const orderOf = (view: View) => (view === "queue" ? nextFirst : newestFirst);

/**
 * The conversations to show on a shelf out of all known ones, in order. While more pages remain on the server, those
 * beyond the last fetched one are left out: known by chance, they would stand there with holes between them.
 */
export const shelve = (
  known: Iterable<Conversation>,
  shelf: Shelf,
  me: string,
  fetched: { ids: ReadonlySet<string>; complete: boolean },
): Conversation[] => {
  const order = orderOf(shelf.view);
  const matching = [...known].filter((conversation) => belongs(conversation, shelf, me)).toSorted(order);
  if (fetched.complete) return matching;
  const last = matching.findLastIndex(({ id }) => fetched.ids.has(id));
  return matching.slice(0, last + 1);
};

/** Keeps those of one department; all without one. */
export const inDepartment = (conversations: Conversation[], departmentId: string | null): Conversation[] =>
  departmentId === null ? conversations : conversations.filter((one) => one.departmentId === departmentId);

/** Keeps what holds every word of `filter` in its contact's name, subject, tags, assignee or last message. */
export const narrow = (conversations: Conversation[], filter: string): Conversation[] => {
  const words = fold(filter).split(/\s+/u).filter(Boolean);
  if (words.length === 0) return conversations;
  return conversations.filter((c) => {
    const text = fold([c.contact?.name, c.subject, c.assigneeName, c.lastEntry?.body, c.status, ...c.tags].join("\n"));
    return words.every((word) => text.includes(word));
  });
};
