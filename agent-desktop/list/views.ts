import type { Conversation, Status } from "../../server/contract/entities.ts";
import { holdsWords, searchWords } from "../../server/contract/search-words.ts";

export type View = "mine" | "queue" | "all";
/** `departmentId` narrows the queue; `search` holds what the server looked for. */
export type Shelf = { view: View; status: Status | null; departmentId?: string | null; search?: string };

/** One string per list that is fetched and paged on its own. */
export const shelfKey = ({ view, status, departmentId, search = "" }: Shelf): string =>
  `${view}:${status ?? "any"}:${departmentId ?? "any"}:${search}`;

/** What a conversation that somebody works on can be. Resolved ones are nobody's work and listed under `all`. */
export const heldStatuses: readonly Status[] = ["open", "pending", "snoozed"];

/** Whether the server would list this conversation on the shelf, so that live changes move it in and out; a search aside. */
export const belongs = (
  conversation: Conversation,
  { view, status, departmentId = null }: Shelf,
  me: string,
): boolean => {
  if (status && conversation.status !== status) return false;
  if (departmentId !== null && conversation.departmentId !== departmentId) return false;
  if (view === "queue") return conversation.status === "queued";
  if (view === "mine") return conversation.assigneeId === me && heldStatuses.includes(conversation.status);
  return true;
};

const byId = (a: Conversation, b: Conversation) => (a.id < b.id ? 1 : -1);
const newestFirst = (a: Conversation, b: Conversation) =>
  Date.parse(b.updatedAt) - Date.parse(a.updatedAt) || byId(a, b);
/** Since when it waits for an agent, ISO. */
export const queuedSince = ({ queuedAt, createdAt }: Conversation): string => queuedAt ?? createdAt;

/**
 * Since when the contact waits for an answer, ISO; undefined where nobody waits. Who has said nothing yet and never had an
 * answer waits for somebody to come.
 */
export const unansweredSince = (conversation: Conversation): string | undefined => {
  const { status, waitingSince, firstResponseAt } = conversation;
  if (status === "resolved" || status === "archived") return undefined;
  return waitingSince ?? (status === "queued" && !firstResponseAt ? queuedSince(conversation) : undefined);
};

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

/** Whether every word of `filter` stands in its contact's name, subject, tags, assignee, status or last message. */
const matches = (c: Conversation, words: readonly string[]) =>
  holdsWords(words, [c.contact?.name, c.subject, c.assigneeName, c.lastEntry?.body, c.status, ...c.tags]);

/** Keeps what holds every word of `filter`, and what the server `found` for it: that looks at more than is shown. */
export const narrow = (
  conversations: Conversation[],
  filter: string,
  found: ReadonlySet<string> = new Set(),
): Conversation[] => {
  const words = searchWords(filter);
  if (words.length === 0) return conversations;
  return conversations.filter((one) => found.has(one.id) || matches(one, words));
};
