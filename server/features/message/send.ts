import type { Ctx } from "../../context.ts";
import { isImpersonated, readsConversations, seesAll, transaction, viaOf } from "../../context.ts";
import type { Audience, Entry } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Appended, Message } from "../../timeline/append.ts";
import { appendMessageIn } from "../../timeline/append-activity.ts";
import { accessConversation, notFound } from "../conversation/access.ts";
import { announceConversation } from "../conversation/present.ts";
import { presentAgents, reopenFor } from "../conversation/reopen.ts";
import { syncConversations } from "../conversation/sync.ts";
import { tryClaim } from "../routing/claim.ts";
import { tellAssigned } from "../routing/tell-assigned.ts";

type Payload = {
  conversationId: string;
  clientId: string;
  body: string;
  audience?: Audience | undefined;
  replyToSeq?: number | undefined;
  seenSeq?: number | undefined;
};

const messageOf = ({ tenant, actor, ...ctx }: Ctx, payload: Payload): Message => ({
  tenantId: tenant.id,
  conversationId: payload.conversationId,
  audience: payload.audience ?? "public",
  author: { kind: actor.kind, id: actor.id, ...(actor.name !== undefined && { name: actor.name }) },
  clientId: payload.clientId,
  body: payload.body,
  replyToSeq: payload.replyToSeq,
  seenSeq: payload.seenSeq,
  seesAll: seesAll(actor),
  socketId: ctx.socketId,
});

/** What another agent said since the author looked, as the refusal of a held reply; undefined when nobody did after all. */
const held = async (ctx: Ctx, { conversationId, seenSeq = 0 }: Payload): Promise<Refusal | undefined> => {
  const { timelines } = await syncConversations(ctx, {
    cursors: [{ conversationId, audience: "public", afterSeq: seenSeq }],
  });
  const { entries, headSeq } = timelines[0]!;
  const others = entries.some(
    ({ kind, author }) => kind === "message" && author.kind === "agent" && author.id !== ctx.actor.id,
  );
  // Where one answer does not hold all of it, the rest may be what the reply was held for.
  const isAll = (entries.at(-1)?.seq ?? seenSeq) >= headSeq;
  if (!others && isAll) return undefined;
  return new Refusal("conflict", "Somebody else has replied in the meantime.", { conversationId, entries, headSeq });
};

/**
 * A message that changes who holds the conversation: an agent's reply takes what nobody holds, a contact's message reopens
 * what was resolved. Both, and the message, are one transaction.
 */
const sendWithChange = async (ctx: Ctx, message: Message): Promise<Appended> => {
  const { actor, node, tenant } = ctx;
  const { conversationId } = message;
  const present = actor.kind === "contact" ? await presentAgents(ctx) : new Set<string>();
  return transaction(ctx, async (tx) => {
    const conversation = await accessConversation(ctx, tx.db, conversationId);
    let givenBackTo: string | null = null;
    if (actor.kind === "contact") {
      if (conversation.status === "resolved")
        givenBackTo = (await reopenFor(ctx, tx, conversation, present)).assigneeId;
    } else if (conversation.assigneeId === null)
      await tryClaim(ctx, tx, { conversation, agentId: actor.id, trigger: "replied", strategy: "manual" });
    const appended = await appendMessageIn(tx.db, message);
    // A full agent's reply is sent without taking the conversation: capacity is never exceeded.
    const stored =
      appended.verdict === "claim" ? await appendMessageIn(tx.db, { ...message, leavesUnheld: true }) : appended;
    if (stored.verdict === "appended")
      tx.afterCommit(() => node.publish.entry(tenant.id, stored.entry, message.socketId));
    await announceConversation(ctx, tx, conversationId);
    if (givenBackTo !== null) await tellAssigned(ctx, tx, [{ conversationId, agentId: givenBackTo }]);
    return stored;
  });
};

/**
 * Whoever acts as the agent is put on record with what they write. Staff take nothing for the agent by it; an API key's reply
 * takes what nobody holds, as the agent's own would.
 */
const sendOnRecord = (ctx: Ctx, message: Message): Promise<Appended> =>
  transaction(ctx, async (tx) => {
    const { conversationId, audience } = message;
    const leavesUnheld = { ...message, leavesUnheld: true };
    let stored = await appendMessageIn(tx.db, isImpersonated(ctx.actor) ? leavesUnheld : message);
    if (stored.verdict === "claim") {
      const conversation = await accessConversation(ctx, tx.db, conversationId);
      await tryClaim(ctx, tx, { conversation, agentId: message.author.id, trigger: "replied", strategy: "manual" });
      stored = await appendMessageIn(tx.db, leavesUnheld);
    }
    if (stored.verdict !== "appended") return stored;
    const { entry } = stored;
    await tx.audit("message.send", entry.id, { after: { conversationId, audience, seq: entry.seq } });
    tx.afterCommit(() => ctx.node.publish.entry(ctx.tenant.id, entry, message.socketId));
    await announceConversation(ctx, tx, conversationId);
    return stored;
  });

/**
 * Stores and tells a message; resolves after its commit. The hot path: one validated payload in, one row of a group
 * commit, one ack and one room emit out; no database round trip of its own.
 */
export const sendMessage = async (ctx: Ctx, payload: Payload): Promise<{ entry: Entry; headSeq: number }> => {
  // Who may send without seeing would be answered with what they may not see: the conflict shows what was missed.
  if (!readsConversations(ctx.actor)) throw notFound();
  const message = messageOf(ctx, payload);
  let appended = viaOf(ctx.actor) ? await sendOnRecord(ctx, message) : await ctx.node.append.message(message);
  if (appended.verdict === "claim" || appended.verdict === "reopen") appended = await sendWithChange(ctx, message);
  else if (appended.woke) void announceLater(ctx, payload.conversationId);
  switch (appended.verdict) {
    case "appended":
    case "known":
      return { entry: appended.entry, headSeq: appended.headSeq };
    case "held": {
      const refusal = await held(ctx, payload);
      if (refusal) throw refusal;
      // It was held for a reply of the same batch that was itself refused.
      return sendMessage(ctx, payload);
    }
    case "read_only":
      throw new Refusal("read_only", "This conversation is archived and can only be read.");
    case "no_target":
      throw new Refusal("invalid_payload", "replyToSeq: there is no such entry in this timeline.");
    default:
      throw notFound();
  }
};

/** The wake-up is committed with the message; a telling that fails here is healed from the log. */
const announceLater = (ctx: Ctx, conversationId: string): Promise<void> =>
  transaction(ctx, (tx) => announceConversation(ctx, tx, conversationId)).catch((error: unknown) =>
    ctx.log.warn({ err: error }, "a change of status is left to healing"),
  );
