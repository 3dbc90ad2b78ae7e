import type { Entry } from "../../server/contract/entities.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { tell } from "../shell/notices.ts";

const about = ({ conversationId, audience, seq }: Pick<Entry, "conversationId" | "audience" | "seq">) => ({
  conversationId,
  audience,
  seq,
});

const sentence = (error: unknown) => (error instanceof Error ? error.message : "That didn't work. Try again.");

/** Puts the viewer's emoji on a message, or takes it off again. Problems are told. */
export const react = async (client: AgentClient, entry: Entry, emoji: string, remove: boolean): Promise<void> => {
  try {
    await client.request("message:react", { ...about(entry), emoji, ...(remove && { remove }) });
  } catch (error) {
    tell("error", `Could not react: ${sentence(error)}`);
  }
};

/** Deletes a message for everybody. Problems are told. */
export const deleteMessage = async (client: AgentClient, entry: Entry): Promise<void> => {
  try {
    await client.request("message:delete", about(entry));
  } catch (error) {
    tell("error", `Could not delete it: ${sentence(error)}`);
  }
};

/** Changes what a message says. Gives the sentence of the refusal, or null once it is stored. */
export const editMessage = async (
  client: AgentClient,
  entry: Pick<Entry, "conversationId" | "audience" | "seq">,
  body: string,
): Promise<string | null> => {
  try {
    await client.request("message:edit", { ...about(entry), body });
    return null;
  } catch (error) {
    return sentence(error);
  }
};

/** Copies a message's text. */
export const copyText = async (text: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
    tell("info", "Copied");
  } catch {
    tell("error", "The browser did not allow copying.");
  }
};
