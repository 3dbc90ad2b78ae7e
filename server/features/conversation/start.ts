import { and, eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { contacts, conversations, departments, inboxes, participants } from "../../../db/schema/index.ts";
import { type ContactCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { appendMessageIn, presentBucket } from "../../timeline/append-activity.ts";
import { dispatch } from "../routing/dispatch.ts";
import { timelineRooms } from "./open.ts";
import { announceConversation, presentConversation } from "./present.ts";

type Payload = {
  clientId: string;
  body?: string | undefined;
  departmentId?: string | undefined;
  subject?: string | undefined;
  fields?: Record<string, string> | undefined;
};

/** A visitor becomes a row when they first start a conversation; looking at a page leaves no trace. */
const ensureContact = ({ actor, tenant }: ContactCtx, tx: Tx) =>
  tx.db
    .insert(contacts)
    .values({ tenantId: tenant.id, id: actor.id, inboxId: actor.inboxId, verified: actor.verified })
    .onConflictDoNothing();

/** The department asked for, else the inbox's. */
const departmentFor = async (ctx: ContactCtx, tx: Tx, wanted: string | undefined): Promise<string | null> => {
  if (wanted === undefined) {
    const [inbox] = await tx.db
      .select({ departmentId: inboxes.departmentId })
      .from(inboxes)
      .where(and(eq(inboxes.tenantId, ctx.tenant.id), eq(inboxes.id, ctx.actor.inboxId)));
    return inbox?.departmentId ?? null;
  }
  const [department] = await tx.db
    .select({ id: departments.id })
    .from(departments)
    .where(and(eq(departments.tenantId, ctx.tenant.id), eq(departments.id, wanted)));
  if (!department) throw new Refusal("not_found", "There is no such department.");
  return department.id;
};

/** Starts a conversation, with its first message where there is one. The same `clientId` starts it once. */
export const startConversation = async (ctx: ContactCtx, payload: Payload, subscribe: (rooms: string[]) => void) => {
  const { clientId, body, subject, fields } = payload;
  const { tenant, actor, node } = ctx;
  const outcome = await transaction(ctx, async (tx) => {
    await ensureContact(ctx, tx);
    const departmentId = await departmentFor(ctx, tx, payload.departmentId);
    const inserted = await tx.db
      .insert(conversations)
      .values({
        tenantId: tenant.id,
        id: uuidv7(),
        status: "queued",
        inboxId: actor.inboxId,
        departmentId,
        contactId: actor.id,
        subject,
        fields,
        clientId,
        activeBucket: presentBucket,
      })
      .onConflictDoNothing({ target: [conversations.tenantId, conversations.contactId, conversations.clientId] })
      .returning({ id: conversations.id });
    const started = inserted[0] !== undefined;
    const id =
      inserted[0]?.id ??
      (
        await tx.db
          .select({ id: conversations.id })
          .from(conversations)
          .where(
            and(
              eq(conversations.tenantId, tenant.id),
              eq(conversations.contactId, actor.id),
              eq(conversations.clientId, clientId),
            ),
          )
      )[0]!.id;
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
    if (started) await announceConversation(ctx, tx, id);
    const conversation = await presentConversation(ctx, tx.db, id);
    const known = first && (first.verdict === "appended" || first.verdict === "known");
    return { started, data: { conversation, ...(known && { entry: first.entry }) } };
  });
  if (outcome.started) dispatch(node, tenant, outcome.data.conversation.id, "conversation_queued");
  return outcome.data;
};
