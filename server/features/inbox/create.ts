import { randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { Db } from "../../../db/client.ts";
import { inboxes, inboxKeys } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Inbox } from "../../contract/inbox-routes.ts";
import { ensureDepartment } from "../department/access.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { presentInbox } from "./present.ts";
import { newIdentitySecret, presentSecret } from "./secret.ts";

type Wanted = { name: string; allowedOrigins?: string[] | undefined; departmentId?: string | null | undefined };

/** Writes an inbox and its place in the directory, with a key and an identity secret of our making. */
const insertInbox = async (
  db: Db,
  tenantId: string,
  { name, allowedOrigins = [], departmentId = null }: Wanted,
): Promise<{ id: string; identitySecret: string }> => {
  const [id, key, identitySecret] = [uuidv7(), randomBytes(12).toString("hex"), newIdentitySecret()];
  await db.insert(inboxes).values({
    tenantId,
    id,
    key,
    name,
    allowedOrigins: [...new Set(allowedOrigins)],
    identitySecrets: [identitySecret],
    departmentId,
  });
  await db.insert(inboxKeys).values({ key, tenantId, inboxId: id });
  return { id, identitySecret };
};

/**
 * Creates an inbox; the secret in the answer is never shown again. Throws Refusal `limit_exceeded` over the plan, `not_found`
 * for a department there is none of.
 */
export const createInbox = (
  ctx: AgentCtx,
  wanted: Wanted,
): Promise<{ inbox: Inbox; identitySecret: { id: string; secret: string } }> =>
  transaction(ctx, async (tx) => {
    await ensureWithin(ctx, tx, "inboxes");
    if (wanted.departmentId) await ensureDepartment(tx.db, ctx.tenant.id, wanted.departmentId);
    const { id, identitySecret } = await insertInbox(tx.db, ctx.tenant.id, wanted);
    const inbox = await presentInbox(tx.db, ctx.tenant.id, id);
    const { name, key, allowedOrigins, departmentId } = inbox;
    await tx.audit("inbox.create", id, { after: { name, key, allowedOrigins, departmentId } });
    return { inbox, identitySecret: presentSecret(identitySecret) };
  });
