import type { Entry } from "../../server/contract/entities.ts";
import { authorName } from "../list/names.ts";

/** Names agents by id, for activities that carry no name. */
export type NameOf = (agentId: string) => string | undefined;

const upper = (text: string) => text.slice(0, 1).toLocaleUpperCase() + text.slice(1);

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
    case "transferred": {
      const toAgent = activity.agentId && agent(activity.agentId, activity.agentName);
      const to = toAgent ?? activity.departmentName ?? "another department";
      if (activity.reason === "fallback") return `Passed on to ${to}, because nobody answered in time`;
      return author.kind === "system" ? `Handed over to ${to}` : `${actor} handed it over to ${to}`;
    }
    case "requeued": {
      const whose = activity.previousAgentId
        ? agent(activity.previousAgentId, activity.previousAgentName)
        : (activity.previousAgentName ?? "its agent");
      const why = { agent_absent: "went offline", agent_deactivated: "left the workspace", none: "had to leave" };
      return `Back in the queue: ${whose} ${why[activity.reason ?? "none"]}`;
    }
    case "offer_declined": {
      const who = agent(activity.agentId, activity.agentName);
      return `${upper(who)} declined it${activity.reason ? `: ${activity.reason}` : ""}`;
    }
    case "offer_missed":
      return `${upper(agent(activity.agentId, activity.agentName))} did not answer the offer in time`;
    case "resolved":
      return author.kind === "system" ? "Resolved" : `${actor} resolved the conversation`;
    case "reopened":
      return author.kind === "system" ? "Reopened" : `${actor} reopened the conversation`;
    default:
      return null;
  }
};
