import type { Conversation } from "../../server/contract/entities.ts";
import type { NameOf } from "../conversation/activity-text.ts";
import { priorityText } from "../list/priority.ts";
import { statusLooks } from "../list/status.ts";

type Seen = Pick<Conversation, "status" | "assigneeId" | "assigneeName" | "departmentId" | "priority">;

const holder = ({ assigneeId, assigneeName }: Seen, me: string, nameOf: NameOf) => {
  if (!assigneeId) return "nobody";
  return assigneeId === me ? "you" : (assigneeName ?? nameOf(assigneeId) ?? "a colleague");
};

/** What differs between a conversation as somebody saw it and as it stands, one sentence each. */
export const whatChanged = (before: Seen, now: Seen, me: string, nameOf: NameOf): string[] => {
  const changes: string[] = [];
  if (before.assigneeId !== now.assigneeId)
    changes.push(`It is now assigned to ${holder(now, me, nameOf)}; before, to ${holder(before, me, nameOf)}.`);
  if (before.status !== now.status)
    changes.push(
      `Its status is now ${statusLooks[now.status].name}; before, it was ${statusLooks[before.status].name}.`,
    );
  if (before.priority !== now.priority)
    changes.push(`Its priority is now ${priorityText(now.priority)}; before, it was ${priorityText(before.priority)}.`);
  if (before.departmentId !== now.departmentId) changes.push("It is in another department now.");
  return changes;
};
