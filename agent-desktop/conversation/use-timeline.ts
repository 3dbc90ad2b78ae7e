import { useCallback, useMemo, useState } from "react";
import type { Receipt } from "../../server/contract/entities.ts";
import { timelineKey, type Timeline } from "../../widget-sdk/core/state.ts";
import { firstSeq } from "../../widget-sdk/core/timeline.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useMe, useNameOf } from "../session/viewer.ts";
import { audiencesToExtend, mergeTimelines, type HeldTimeline } from "./merge-timelines.ts";
import { timelineItems, type ReadCursors } from "./timeline-items.ts";

const asHeld = (timeline: Timeline | undefined): HeldTimeline =>
  timeline ? { entries: timeline.entries, complete: firstSeq(timeline) <= 1 } : { entries: [], complete: true };

const none: Record<string, Receipt> = {};

/** The receipts of one conversation's public or internal timeline. */
export const useReceipts = (conversationId: string, audience: "public" | "internal"): Receipt[] => {
  const held = useClientState((state) => state.receipts[timelineKey(conversationId, audience)] ?? none);
  return useMemo(() => Object.values(held), [held]);
};

/** The rows of an opened conversation, and how to reach further back. */
export const useTimeline = (conversationId: string, readUpTo: ReadCursors | null) => {
  const client = useClient();
  const me = useMe();
  const nameOf = useNameOf();
  const spoken = useClientState((state) => state.timelines[timelineKey(conversationId, "public")]);
  const noted = useClientState((state) => state.timelines[timelineKey(conversationId, "internal")]);
  const outbox = useClientState((state) => state.outbox);
  const held = useMemo(() => ({ public: asHeld(spoken), internal: asHeld(noted) }), [spoken, noted]);
  const items = useMemo(() => {
    const pending = outbox.filter((message) => message.conversationId === conversationId);
    return timelineItems(mergeTimelines(held), pending, { me, nameOf }, readUpTo);
  }, [held, outbox, conversationId, me, nameOf, readUpTo]);

  const toExtend = useMemo(() => audiencesToExtend(held), [held]);
  const [extending, setExtending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const extend = useCallback(async () => {
    setExtending(true);
    setProblem(null);
    try {
      await Promise.all(toExtend.map((audience) => client.history(conversationId, audience)));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "Older messages could not be loaded.");
    }
    setExtending(false);
  }, [client, conversationId, toExtend]);

  return { items, held, goesOn: toExtend.length > 0, extending, problem, extend };
};
