import type { ErrorBody } from "../../server/contract/errors.ts";

/** What whoever embeds the chat has to do about a page that was turned away; nothing where it is no matter of the page. */
export const adviceOn = (
  error: ErrorBody | undefined,
  { inboxKey, origin }: { inboxKey: string; origin: string },
): string | undefined => {
  if (error?.code === "not_found")
    return `there is no inbox with the key "${inboxKey}". Copy the snippet again, from Settings → Inboxes.`;
  if (error?.code !== "permission_denied") return undefined;
  if (error.details?.["reason"] === "tenant_suspended")
    return "the chat is closed, since its workspace is suspended. Its admins can ask Parley to resume it.";
  return `${origin} may not embed this chat. Add it in Parley: Settings → Inboxes → Sites that may embed it.`;
};
