import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode, type UIEvent } from "react";
import type { Audience, Conversation } from "../../server/contract/entities.ts";
import { useMe, useNameOf } from "../session/viewer.ts";
import classes from "./conversation.module.css";
import { JumpDown } from "./jump-down.tsx";
import { SceneProvider } from "./scene.ts";
import { TimelineEdge } from "./timeline-edge.tsx";
import type { ReadCursors, TimelineItem } from "./timeline-items.ts";
import { TimelineRow } from "./timeline-row.tsx";
import { useAnnouncing } from "./use-announcing.ts";
import { useReading } from "./use-reading.ts";
import { useStayAtEnd } from "./use-stay-at-end.ts";
import { useReceipts, useTimeline } from "./use-timeline.ts";
import { countUnseen, lastStanding } from "./unseen.ts";

type Props = { conversation: Conversation; readUpTo: ReadCursors | null; children: ReactNode };

const edgePx = 52;
const nearEndPx = 90;
/** Guesses until a row is measured. One that turns out right is asked for again, so a sent message's must stay the same. */
const heights: Record<TimelineItem["kind"], number> = { day: 42, unread: 42, activity: 31, message: 58, pending: 58 };

/**
 * The conversation itself: rows drawn only where they are in view, starting at the latest, loading older ones at the top.
 * `children` stand below it and see the same scene.
 */
export const Timeline = ({ conversation, readUpTo, children }: Props) => {
  const { id } = conversation;
  const me = useMe();
  const nameOf = useNameOf();
  const { items, held, goesOn, extending, problem, extend } = useTimeline(id, readUpTo);
  const receipts = { public: useReceipts(id, "public"), internal: useReceipts(id, "internal") };
  const scroller = useRef<HTMLDivElement>(null);
  /** The last row as it was when the end went out of view; null while it is in view. */
  const [leftAt, setLeftAt] = useState<string | null>(null);
  const [flash, setFlash] = useState<string | null>(null);

  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heights[items[index]?.kind ?? "message"],
    getItemKey: (index) => items[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: nearEndPx,
    paddingStart: edgePx,
    paddingEnd: 10,
    overscan: 8,
  });

  // Where to start: at the first unread message when there is one, else at the latest.
  useLayoutEffect(() => {
    const unread = items.findIndex((item) => item.kind === "unread");
    if (unread >= 0) rows.scrollToIndex(unread, { align: "start" });
    else rows.scrollToEnd();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once per conversation, with the rows as they stood then
  }, [id]);

  useAnnouncing(conversation, items, me);
  useStayAtEnd(scroller, leftAt === null);

  // What one says oneself is worth seeing, wherever one was reading.
  const sending = items.findLast((item) => item.kind === "pending")?.key;
  useEffect(() => {
    if (sending) rows.scrollToEnd();
  }, [rows, sending]);

  const firstShown = rows.getVirtualItems()[0]?.index ?? 0;
  useEffect(() => {
    if (firstShown < 4 && goesOn && !extending && !problem) void extend();
  }, [firstShown, goesOn, extending, problem, extend]);

  useReading(id, leftAt === null, held);

  const find = useCallback(
    (audience: Audience, seq: number) => {
      const { entries } = held[audience];
      const first = entries[0]?.seq;
      return first === undefined ? undefined : entries[seq - first];
    },
    [held],
  );
  const jumpTo = (audience: Audience, seq: number) => {
    const index = items.findIndex(
      (item) => item.kind === "message" && item.entry.audience === audience && item.entry.seq === seq,
    );
    const key = items[index]?.key;
    if (key === undefined) return;
    rows.scrollToIndex(index, { align: "center" });
    setFlash(key);
  };
  const scene = { conversation, me, nameOf, receipts, find, jumpTo };
  const measureEnd = ({ currentTarget: box }: UIEvent<HTMLElement>) => {
    const inView = box.scrollHeight - box.scrollTop - box.clientHeight <= nearEndPx;
    setLeftAt((before) => (inView ? null : (before ?? lastStanding(items))));
  };

  return (
    <SceneProvider value={scene}>
      <div className={classes["body"]}>
        <div
          ref={scroller}
          className={classes["scroll"]}
          role="log"
          aria-label="Messages"
          aria-live="off"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard
          tabIndex={0}
          onScroll={measureEnd}
        >
          <div className={classes["canvas"]} style={{ height: rows.getTotalSize() }}>
            <TimelineEdge goesOn={goesOn} extending={extending} problem={problem} onRetry={() => void extend()} />
            {rows.getVirtualItems().map(({ index, key, start }) => {
              const item = items[index];
              return (
                item && (
                  <div
                    key={key}
                    ref={rows.measureElement}
                    data-index={index}
                    className={classes["item"]}
                    style={{ transform: `translateY(${start}px)` }}
                  >
                    <TimelineRow item={item} flash={item.key === flash} />
                  </div>
                )
              );
            })}
          </div>
        </div>
        {leftAt !== null && (
          <JumpDown unseen={countUnseen(items, leftAt)} onJump={() => rows.scrollToEnd({ behavior: "smooth" })} />
        )}
      </div>
      {children}
    </SceneProvider>
  );
};
