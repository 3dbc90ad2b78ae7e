import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { contacts, conversations, participants } from "../../../db/schema/index.ts";
import { type ContactCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { OfflineBehaviour } from "../../contract/routing.ts";
import { appendMessageIn, presentBucket } from "../../timeline/append-activity.ts";
import { hoursOf } from "../availability/inbox.ts";
import { type Hours, isOpenAt } from "../business-hours/hours.ts";
import { routeDepartments } from "../routing/dispatch.ts";
import { countConversation } from "../usage/count.ts";
import { timelineRooms } from "./open.ts";
import { announceConversation, presentConversation } from "./present.ts";
import { ensureFewStarts } from "./start-limits.ts";
import { findStarted } from "./started.ts";

type Payload = {
  clientId: string;
  body?: string | undefined;
  departmentId?: string | undefined;
  subject?: string | undefined;
  fields?: Record<string, string> | undefined;
  name?: string | undefined;
  email?: string | undefined;
};

/**
 * Says `not_found` where the inbox was taken away since the visitor came; else it stays until the transaction ends, since
 * whoever takes it away waits for us.
 */
const ensureInbox = async ({ actor, tenant }: ContactCtx, tx: Tx): Promise<void> => {
  const { rows } = await tx.db.execute(sql`
    SELECT FROM inboxes i JOIN inbox_keys k ON k.key = i.key AND k.tenant_id = i.tenant_id
    WHERE i.tenant_id = ${tenant.id} AND i.id = ${actor.inboxId} FOR KEY SHARE OF i`);
  if (rows.length === 0) throw new Refusal("not_found", "This chat is no longer available.");
};

/**
 * A visitor becomes a row when they first start a conversation; looking at a page leaves no trace. What a visitor says of
 * themselves is kept, unless the customer's own site vouches for who they are.
 */
const ensureContact = async ({ actor, tenant }: ContactCtx, tx: Tx, { name, email }: Payload): Promise<void> => {
  const said = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
  const insert = tx.db
    .insert(contacts)
    .values({ tenantId: tenant.id, id: actor.id, inboxId: actor.inboxId, verified: actor.verified, ...said });
  if (Object.keys(said).length === 0) await insert.onConflictDoNothing();
  else
    await insert.onConflictDoUpdate({
      target: [contacts.tenantId, contacts.id],
      set: said,
      setWhere: eq(contacts.verified, false),
    });
};

type Department = { id: string; forLater: boolean };

/** The department asked for, else the inbox's; `forLater` where it is closed and takes messages for later then. */
const departmentFor = async (ctx: ContactCtx, tx: Tx, wanted: string | undefined): Promise<Department | undefined> => {
  const ofInbox = sql`(
    SELECT i.department_id FROM inboxes i WHERE i.tenant_id = ${ctx.tenant.id} AND i.id = ${ctx.actor.inboxId})`;
  const { rows } = await tx.db.execute<{ id: string; offlineBehaviour: OfflineBehaviour; hours: Hours | null }>(sql`
    SELECT d.id, d.offline_behaviour AS "offlineBehaviour", ${hoursOf} AS hours FROM departments d
    WHERE d.tenant_id = ${ctx.tenant.id} AND d.id = ${wanted ?? ofInbox} AND d.archived_at IS NULL
    FOR KEY SHARE OF d`);
  const [department] = rows;
  if (!department) {
    if (wanted !== undefined) throw new Refusal("not_found", "There is no such department.");
    return undefined;
  }
  const { id, offlineBehaviour, hours } = department;
  return { id, forLater: offlineBehaviour === "form" && hours !== null && !isOpenAt(hours, new Date()) };
};

/**
 * Starts a conversation, with its first message where there is one. The same `clientId` starts it once, and only that counts
 * for the plan. Throws `not_found` for an unknown department or an inbox that is gone and `limit_exceeded` when the month's conversations, or what one
 * address or contact may start in a day, are used up.
 */
export const startConversation = async (ctx: ContactCtx, payload: Payload, subscribe: (rooms: string[]) => void) => {
  const { clientId, body, subject, fields } = payload;
  const { tenant, actor, node } = ctx;
  await ensureFewStarts(ctx, clientId);
  return transaction(ctx, async (tx) => {
    await ensureInbox(ctx, tx);
    await ensureContact(ctx, tx, payload);
    const department = await departmentFor(ctx, tx, payload.departmentId);
    const inserted = await tx.db
      .insert(conversations)
      .values({
        tenantId: tenant.id,
        id: uuidv7(),
        status: "queued",
        inboxId: actor.inboxId,
        departmentId: department?.id ?? null,
        forLater: department?.forLater ?? false,
        contactId: actor.id,
        subject,
        fields,
        clientId,
        activeBucket: presentBucket,
      })
      .onConflictDoNothing({ target: [conversations.tenantId, conversations.contactId, conversations.clientId] })
      .returning({ id: conversations.id });
    const started = inserted[0] !== undefined;
    const id = inserted[0]?.id ?? (await findStarted(tx.db, ctx, clientId))!;
    if (started)
      await tx.db
        .insert(participants)
        .values({ tenantId: tenant.id, conversationId: id, actorKind: "contact", actorId: actor.id });
    subscribe(timelineRooms(ctx, id));
    const first =
      body === undefined
        ? undefined
        : await appendMessageIn(tx.db, {
            tenantId: tenant.id,
            conversationId: id,
            audience: "public",
            author: { kind: "contact", id: actor.id, ...(actor.name !== undefined && { name: actor.name }) },
            clientId,
            body,
            seesAll: false,
          });
    if (first?.verdict === "appended") tx.afterCommit(() => node.publish.entry(tenant.id, first.entry, ctx.socketId));
    if (started) {
      const { id: departmentId = null, forLater = false } = department ?? {};
      await tx.audit("conversation.start", id, { after: { inboxId: actor.inboxId, departmentId, forLater } });
      await announceConversation(ctx, tx, id);
    }
    const conversation = await presentConversation(ctx, tx.db, id);
    // Last of all: from here to the commit every other start of the workspace waits.
    if (started) await countConversation(ctx, tx);
    const known = first && (first.verdict === "appended" || first.verdict === "known");
    if (started && department)
      tx.afterCommit(() => {
        routeDepartments(node, tenant, [department.id], "conversation_queued", id);
        node.queueNews.changed(tenant.id, department.id);
      });
    return { conversation, ...(known && { entry: first.entry }) };
  });
};
