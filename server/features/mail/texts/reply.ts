import { cut } from "../../../contract/text.ts";
import { composeMail } from "../compose.ts";
import type { Mail } from "../queue.ts";

type Reply = {
  to: string;
  workspace: string;
  /** The page on which the chat is, as far as that is known. */
  origin: string | null;
  messages: { name: string | null; body: string }[];
};

const longestMessage = 2_000;

/** Brings a contact who has left the chat what was answered meanwhile. */
export const replyMail = ({ to, workspace, origin, messages }: Reply): Mail => ({
  kind: "reply",
  to,
  subject: `${workspace} has replied to your message`,
  ...composeMail({
    paragraphs: [
      "Hello,",
      `You wrote to ${workspace}, and this is the reply:`,
      // Line by line: a mail has no other way to keep the shape of a message.
      ...messages.flatMap(({ name, body }) =>
        `${name ?? workspace}: ${cut(body, longestMessage)}`.split(/[\r\n]+/u).filter((line) => line.trim() !== ""),
      ),
    ],
    ...(origin !== null && { action: { label: "Open the chat", url: origin } }),
    closing: [
      "Please reply in the chat, from the browser that you wrote in: replies to this mail are not read.",
      `If you did not write to ${workspace}, somebody mistyped their address. There is nothing you need to do.`,
    ],
  }),
});
