import { Tooltip } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { Entry } from "../../server/contract/entities.ts";
import { Face } from "../list/face.tsx";
import { authorName, contactName } from "../list/names.ts";
import { clockText, fullWhen } from "../list/when.ts";
import classes from "./conversation.module.css";
import { DeliveryMark } from "./delivery-mark.tsx";
import { deliveryOf } from "./delivery.ts";
import { LinkedText } from "./linked-text.tsx";
import { MessageMenu } from "./message-menu.tsx";
import { Quote } from "./quote.tsx";
import { Reactions } from "./reactions.tsx";
import { useScene } from "./scene.ts";

type Props = { entry: Entry; mine: boolean; first: boolean; last: boolean; flash: boolean };

/** One message: who, what, when, and how far it got. */
export const MessageRow = ({ entry, mine, first, last, flash }: Props) => {
  const { conversation, me, receipts } = useScene();
  const byContact = entry.author.kind === "contact";
  const note = entry.audience === "internal";
  const gone = entry.deletedAt !== undefined || entry.body === undefined;
  const name = byContact ? contactName(conversation) : authorName(entry.author, me);
  return (
    <article
      className={classes["message"]}
      data-side={byContact ? "contact" : "agent"}
      data-note={note || undefined}
      data-first={first || undefined}
      data-last={last || undefined}
      data-flash={flash || undefined}
      aria-label={`${note ? "Internal note" : "Message"} by ${name}, ${clockText(entry.createdAt)}`}
    >
      {byContact && <span className={classes["avatar"]}>{last && <Face name={name} size={30} />}</span>}
      <div className={classes["stack"]}>
        {first && (!mine || note) && (
          <div className={classes["author"]}>
            {note && <IconLock size={12} aria-hidden />}
            <bdi>{name}</bdi>
            {note && " · internal note"}
          </div>
        )}
        <div className={classes["bubble"]} data-gone={gone || undefined}>
          {entry.replyToSeq !== undefined && !gone && <Quote audience={entry.audience} seq={entry.replyToSeq} />}
          {gone ? (
            "Message deleted"
          ) : (
            <div dir="auto">
              <LinkedText text={entry.body ?? ""} />
            </div>
          )}
        </div>
        <Reactions entry={entry} />
        {(last || entry.editedAt) && (
          <div className={classes["meta"]}>
            <Tooltip label={fullWhen(entry.createdAt)}>
              <time dateTime={entry.createdAt}>{clockText(entry.createdAt)}</time>
            </Tooltip>
            {entry.editedAt && !gone && (
              <Tooltip label={`Edited ${fullWhen(entry.editedAt)}`}>
                <span>edited</span>
              </Tooltip>
            )}
            {mine && last && <DeliveryMark delivery={deliveryOf(entry, receipts[entry.audience], me)} note={note} />}
          </div>
        )}
      </div>
      {gone ? <span className={classes["tools"]} /> : <MessageMenu entry={entry} mine={mine} />}
    </article>
  );
};
