import type { Entry } from "../../server/contract/entities.ts";
import { authorName } from "../list/names.ts";

/** Names agents by id, for activities that carry no name. */
export type NameOf = (agentId: string) => string | undefined;

/**
 * The sentence of an activity, or `null` for one that shows on the message it changes (edits, deletions, reactions).
 */
export const activityText = (entry: Entry, me: string, nameOf: NameOf): string | null => {
  const { activity, author } = entry;
  if (!activity) return null;
  const actor = authorName(author, me);
  const agent = (id: string, name?: string) => (id === me ? "you" : (name ?? nameOf(id) ?? "an agent"));
  switch (activity.type) {
    case "assigned": {
      if (author.kind === "agent" && author.id === activity.agentId)
        return activity.previousAgentId
          ? `${actor} took over from ${agent(activity.previousAgentId)}`
          : `${actor} took the conversation`;
      return author.kind === "system"
        ? `Assigned to ${agent(activity.agentId, activity.agentName)}`
        : `${actor} assigned ${agent(activity.agentId, activity.agentName)}`;
    }
    case "unassigned":
      return `${actor} put the conversation back into the queue`;
    case "resolved":
      return author.kind === "system" ? "Resolved" : `${actor} resolved the conversation`;
    case "reopened":
      return author.kind === "system" ? "Reopened" : `${actor} reopened the conversation`;
    default:
      return null;
  }
};
