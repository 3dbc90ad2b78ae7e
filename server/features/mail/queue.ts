import { v7 as uuidv7 } from "uuid";
import { mails } from "../../../db/schema/index.ts";
import type { Tx } from "../../context.ts";
import { cut } from "../../contract/text.ts";
import { oneLine } from "./compose.ts";

/** A mail to one person: plain text, and the same as a page where it is worth one. `kind` says what it is about, in snake_case. */
export type Mail = { kind: string; to: string; subject: string; text: string; html?: string };

const longestSubject = 200;

// A line break in a subject would begin a header of its own. Whoever sends it escapes it too; here it never gets that far.
const subjectOf = (text: string): string => cut(oneLine(text), longestSubject);

/**
 * Writes a mail into the transaction that causes it: it is sent once that is committed, and never when it is not. The
 * worker's job `mail.deliver` sends it within seconds.
 */
export const queueMail = async (tx: Pick<Tx, "db">, tenantId: string, mail: Mail): Promise<void> => {
  await tx.db.insert(mails).values({
    tenantId,
    id: uuidv7(),
    kind: mail.kind,
    recipient: mail.to,
    subject: subjectOf(mail.subject),
    text: mail.text,
    html: mail.html,
  });
};
