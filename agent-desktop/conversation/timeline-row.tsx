import { useNow } from "../shell/now.ts";
import { clockText, dayText } from "../list/when.ts";
import classes from "./conversation.module.css";
import { MessageRow } from "./message-row.tsx";
import { PendingRow } from "./pending-row.tsx";
import type { TimelineItem } from "./timeline-items.ts";

const Day = ({ at }: { at: string }) => (
  <div className={classes["day"]}>
    <time dateTime={at}>{dayText(at, useNow())}</time>
  </div>
);

/** One row of the timeline, whatever its kind. */
export const TimelineRow = ({ item, flash }: { item: TimelineItem; flash: boolean }) => {
  switch (item.kind) {
    case "day":
      return <Day at={item.at} />;
    case "unread":
      return <div className={classes["unread"]}>New</div>;
    case "activity":
      return (
        <div className={classes["activity"]}>
          {item.text} · <time dateTime={item.entry.createdAt}>{clockText(item.entry.createdAt)}</time>
        </div>
      );
    case "message":
      return <MessageRow entry={item.entry} mine={item.mine} first={item.first} last={item.last} flash={flash} />;
    case "pending":
      return <PendingRow message={item.message} first={item.first} />;
  }
};
