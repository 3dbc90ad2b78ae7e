import type { RowOf } from "../parts/ask-page.ts";

type AuditEvent = RowOf<"audit-event/list">;

const kinds: Record<string, string> = {
  contact: "A contact",
  agent: "A member",
  system: "Parley",
  platform: "Parley's staff",
  api_key: "An API key",
};

/** Who did it, and on whose behalf. */
export const whoOf = ({ actor, onBehalfOf }: AuditEvent): string => {
  const who = actor.name ?? kinds[actor.kind] ?? actor.kind;
  const said =
    actor.name && (actor.kind === "platform" || actor.kind === "api_key") ? `${who} (${kinds[actor.kind]})` : who;
  return onBehalfOf ? `${said}, as ${onBehalfOf.name ?? "a member"}` : said;
};

/** `conversation.assign` as words: conversation, assign. */
export const actionText = (action: string): string => action.replaceAll(".", ": ").replaceAll("_", " ");

/** A state as it is read: one line for each field. */
export const stateText = (state: unknown): string => {
  if (state === undefined || state === null) return "";
  return typeof state === "object" ? JSON.stringify(state, null, 2) : JSON.stringify(state);
};

/** A day of a date field as the moment it begins, or the one after it ends, in the viewer's own zone. */
export const dayBounds = (from: string, to: string): { from?: string; to?: string } => {
  const at = (day: string, later: number) => {
    const date = new Date(`${day}T00:00:00`);
    date.setDate(date.getDate() + later);
    return date.toISOString();
  };
  return { ...(from && { from: at(from, 0) }), ...(to && { to: at(to, 1) }) };
};
