import { actorKey, initialState, timelineKey } from "./state.ts";
import type { ActorKey, ClientState, TimelineKey } from "./state.ts";
import { followTimeline, withHead } from "./timeline.ts";
import type { Ready } from "./wire.ts";

/**
 * The state once the server said `session:ready`. Whoever came back as the same actor keeps what they held; as somebody
 * else they start from nothing: what one person read or wrote is never shown, or sent, in the name of another.
 */
export const beginSession = (state: ClientState, ready: Ready, nowMs: number): ClientState => {
  const { actor, tenant, unread } = ready;
  const me = actorKey(actor);
  const before = state.session.actor && actorKey(state.session.actor);
  const base: ClientState = before === undefined || before === me ? state : initialState;
  const outbox = state.outbox
    .filter((message) => (message.actor ?? me) === me)
    .map((message) => (message.actor ? message : { ...message, actor: me }));

  const told = new Set<TimelineKey>();
  const timelines: ClientState["timelines"] = {};
  for (const { conversationId, publicSeq, internalSeq } of ready.cursors) {
    for (const [audience, head] of [["public", publicSeq] as const, ["internal", internalSeq] as const]) {
      if (head === undefined) continue;
      const key = timelineKey(conversationId, audience);
      told.add(key);
      timelines[key] = withHead(base.timelines[key] ?? followTimeline(conversationId, audience, head), head);
    }
  }
  for (const [key, timeline] of Object.entries(base.timelines) as [
    TimelineKey,
    ClientState["timelines"][TimelineKey],
  ][]) {
    // What was never opened and is no longer told of has no one who tells it: it would only grow stale.
    if (!told.has(key) && timeline.opened) timelines[key] = timeline;
  }
  const presence = { ...base.presence };
  for (const { id, presence: now, availability } of ready.colleagues ?? []) {
    presence[`agent:${id}` satisfies ActorKey] = { presence: now, availability };
  }
  return {
    ...base,
    timelines,
    presence,
    offers: Object.fromEntries((ready.offers ?? []).map((offer) => [offer.conversation.id, offer])),
    outbox,
    typing: {},
    session: {
      status: "online",
      actor,
      tenant,
      unread,
      permissions: ready.permissions ?? [],
      colleagues: ready.colleagues ?? [],
      departments: ready.departments ?? [],
      clockOffsetMs: Date.parse(ready.serverTime) - nowMs,
      ...(ready.availability && { availability: ready.availability }),
      ...(ready.inbox && { inbox: ready.inbox }),
      ...(ready.email !== undefined && { email: ready.email }),
    },
  };
};
