import type { Conversation } from "../../server/contract/entities.ts";
import { activityText, type NameOf } from "../conversation/activity-text.ts";
import { authorName } from "./names.ts";

export type Preview = { text: string; note: boolean; faint: boolean; by?: string };

/** One line that says what happened last: who said what, or the activity. */
export const previewOf = ({ lastEntry }: Conversation, me: string, nameOf: NameOf): Preview => {
  if (!lastEntry) return { text: "No messages yet", note: false, faint: true };
  const note = lastEntry.audience === "internal";
  if (lastEntry.kind === "activity") {
    const { activity } = lastEntry;
    if (activity?.type === "message_edited")
      return { text: activity.body.replaceAll(/\s+/gu, " "), note, faint: false };
    return { text: activityText(lastEntry, me, nameOf) ?? "Message changed", note, faint: true };
  }
  if (lastEntry.deletedAt || lastEntry.body === undefined) return { text: "Message deleted", note, faint: true };
  const body = lastEntry.body.replaceAll(/\s+/gu, " ").trim();
  return {
    text: body,
    note,
    faint: false,
    ...(lastEntry.author.kind !== "contact" && { by: authorName(lastEntry.author, me) }),
  };
};
