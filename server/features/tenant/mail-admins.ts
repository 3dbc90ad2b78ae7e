import type { Tx } from "../../context.ts";
import { queueMail } from "../mail/queue.ts";
import { composeMail, type Letter, nameInMail } from "../mail/compose.ts";
import { listAdmins } from "./access.ts";

export type Notice = { kind: string; subject: string; letter: Letter };

/** Writes a notice to every admin of a workspace. `from`: whose mail it is, the workspace's own unless it is shut. */
export const mailAdmins = async (
  tx: Pick<Tx, "db">,
  tenantId: string,
  { kind, subject, letter }: Notice,
  from: { tx: Pick<Tx, "db">; tenantId: string } = { tx, tenantId },
): Promise<void> => {
  for (const { name, email } of await listAdmins(tx.db, tenantId)) {
    const { text, html } = composeMail({ ...letter, paragraphs: [`Hello ${nameInMail(name)},`, ...letter.paragraphs] });
    await queueMail(from.tx, from.tenantId, { kind, to: email, subject, text, html });
  }
};
