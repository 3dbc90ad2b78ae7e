import { entries } from "../../../db/schema/index.ts";
import { type Ctx, transaction, viaOf } from "../../context.ts";
import type { Reaction } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { type AboutMessage, accessMessage } from "./access.ts";

const mostEmoji = 20;

/** Reactions with the actor's emoji put on or taken off. Pure. */
export const withReaction = (
  reactions: Reaction[],
  emoji: string,
  actor: { kind: "contact" | "agent"; id: string },
  removed: boolean,
): Reaction[] => {
  const others = (reaction: Reaction) => reaction.actors.filter(({ id }) => id !== actor.id);
  const present = reactions.some((reaction) => reaction.emoji === emoji);
  const list = present || removed ? reactions : [...reactions, { emoji, actors: [] }];
  return list
    .map((reaction) =>
      reaction.emoji === emoji
        ? { emoji, actors: removed ? others(reaction) : [...others(reaction), { kind: actor.kind, id: actor.id }] }
        : reaction,
    )
    .filter(({ actors }) => actors.length > 0);
};

/**
 * Puts the actor's emoji on a message, or takes it off: as `remove` says, and without it the other way than it stands.
 * Answers with the activity that says so.
 */
export const reactToMessage = (ctx: Ctx, payload: AboutMessage & { emoji: string; remove?: boolean | undefined }) =>
  transaction(ctx, async (tx) => {
    const { message, audience, where } = await accessMessage(ctx, tx, payload, "anyone");
    const { emoji } = payload;
    const standing = message.reactions ?? [];
    const stands = standing.some((r) => r.emoji === emoji && r.actors.some(({ id }) => id === ctx.actor.id));
    const removed = payload.remove ?? stands;
    const reactions = withReaction(standing, emoji, ctx.actor, removed);
    if (reactions.length > mostEmoji)
      throw new Refusal("invalid_payload", `A message carries at most ${mostEmoji} different reactions.`);
    await tx.db.update(entries).set({ reactions }).where(where);
    // Too little to be on record, unless somebody does it in the agent's place.
    if (viaOf(ctx.actor)) await tx.audit("message.react", message.id, { after: { emoji, removed } });
    const activity = { type: "message_reacted", seq: payload.seq, emoji, removed } as const;
    return { entry: await appendActivity(ctx, tx, payload.conversationId, audience, activity) };
  });
