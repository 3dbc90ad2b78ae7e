import type { Ctx } from "../../context.ts";
import { seesAll } from "../../context.ts";
import { type Audience, limits, type Timeline } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";

type Cursor = { conversationId: string; audience: Audience; afterSeq: number };

/**
 * What the client lacks of many timelines, in one round trip whose cost grows with what is missing, up to what one answer
 * may hold: where `headSeq` says that more remains, the client asks again.
 * A conversation the actor can't see refuses the whole request and names it, so that a client drops it and asks again.
 */
export const syncConversations = async (
  ctx: Ctx,
  { cursors }: { cursors: Cursor[] },
): Promise<{ timelines: Timeline[] }> => {
  if (cursors.length === 0) return { timelines: [] };
  const { tenant, actor, node } = ctx;
  const asked = cursors.map(({ conversationId, audience, afterSeq }) => ({
    c: conversationId,
    a: audience,
    s: afterSeq,
  }));
  const [row] = await node.tenancy.readCall<{ timelines: (Timeline | null)[] }>(tenant.id, actor.kind, {
    name: "sync",
    text: "SELECT sync_timelines($1, $2, $3, $4, $5, $6, $7, $8) AS timelines",
    values: [
      tenant.id,
      JSON.stringify(asked),
      actor.kind,
      actor.id,
      seesAll(actor),
      limits.syncEntries,
      limits.syncEntriesInAll,
      limits.answerBytes,
    ],
  });
  const timelines = row!.timelines;
  const missing = cursors.filter((_, i) => !timelines[i]).map(({ conversationId }) => conversationId);
  if (missing.length > 0)
    throw new Refusal("not_found", "There is no such conversation.", { conversationIds: [...new Set(missing)] });
  return { timelines: timelines as Timeline[] };
};
