import { and, eq } from "drizzle-orm";
import { inboxes } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Inbox } from "../../contract/inbox-routes.ts";
import { type InboxRow, lockInbox } from "./lock.ts";
import { presentInbox } from "./present.ts";
import { identitySecretId, newIdentitySecret, presentSecret } from "./secret.ts";

// The old one and the new one.
const most = 2;

const write = async (ctx: AgentCtx, tx: Tx, { tenantId, id }: InboxRow, identitySecrets: string[]): Promise<void> => {
  await tx.db
    .update(inboxes)
    .set({ identitySecrets })
    .where(and(eq(inboxes.tenantId, tenantId), eq(inboxes.id, id)));
  tx.afterCommit(() => ctx.node.publish.changeInbox(tenantId, id));
};

/**
 * Makes a further identity secret, shown in this answer and never again. Throws Refusal `not_found`, or `conflict` where there
 * are two already.
 */
export const addIdentitySecret = (
  ctx: AgentCtx,
  { inboxId }: { inboxId: string },
): Promise<{ inbox: Inbox; identitySecret: { id: string; secret: string } }> =>
  transaction(ctx, async (tx) => {
    const row = await lockInbox(tx.db, ctx.tenant.id, inboxId);
    if (row.identitySecrets.length >= most)
      throw new Refusal("conflict", "An inbox has two identity secrets at most. Remove the old one first.", { most });
    const secret = newIdentitySecret();
    await write(ctx, tx, row, [...row.identitySecrets, secret]);
    await tx.audit("inbox.add_identity_secret", inboxId, { after: { secretId: identitySecretId(secret) } });
    return { inbox: await presentInbox(tx.db, ctx.tenant.id, inboxId), identitySecret: presentSecret(secret) };
  });

/** Takes an identity secret away, and whom it identified with it. Without any, nobody can be identified. Throws Refusal `not_found`. */
export const removeIdentitySecret = (
  ctx: AgentCtx,
  { inboxId, secretId }: { inboxId: string; secretId: string },
): Promise<void> =>
  transaction(ctx, async (tx) => {
    const row = await lockInbox(tx.db, ctx.tenant.id, inboxId);
    const left = row.identitySecrets.filter((secret) => identitySecretId(secret) !== secretId);
    if (left.length === row.identitySecrets.length)
      throw new Refusal("not_found", "The inbox has no such identity secret.");
    await write(ctx, tx, row, left);
    await tx.audit("inbox.remove_identity_secret", inboxId, { before: { secretId } });
  });
