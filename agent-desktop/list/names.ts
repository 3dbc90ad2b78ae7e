import type { Author, Conversation } from "../../server/contract/entities.ts";

const handle = (id: string) => id.replaceAll("-", "").slice(-4).toUpperCase();

/** What to call a contact: their name, or `Visitor` with the end of their id, so that two nameless ones differ. */
export const contactName = (conversation: Pick<Conversation, "contact" | "subject">): string => {
  if (conversation.contact) return conversation.contact.name ?? `Visitor ${handle(conversation.contact.id)}`;
  return conversation.subject ?? "Conversation";
};

const kindNames: Record<Author["kind"], string> = {
  contact: "Visitor",
  agent: "Agent",
  bot: "Bot",
  system: "Parley",
  platform: "Parley support",
};

/** What to call an author beside their words; `me` is the viewer's own id. */
export const authorName = (author: Author, me: string): string => {
  if (author.kind === "agent" && author.id === me) return "You";
  if (author.name) return author.name;
  return author.kind === "contact" && author.id ? `Visitor ${handle(author.id)}` : kindNames[author.kind];
};
