import { useEffect, useRef } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { authorName, contactName } from "../list/names.ts";
import { announce } from "../shell/announcer.tsx";
import type { TimelineItem } from "./timeline-items.ts";

const announcedCharacters = 300;

/**
 * Reads out what others say in the open conversation as it arrives. The rows themselves are no live region: they come and
 * go with scrolling.
 */
export const useAnnouncing = (conversation: Conversation, items: readonly TimelineItem[], me: string): void => {
  const last = items.findLast((item) => item.kind === "message");
  const said = useRef(last?.key);
  useEffect(() => {
    if (!last || said.current === last.key) return;
    said.current = last.key;
    const { author, body, audience } = last.entry;
    if (last.mine || body === undefined) return;
    const name = author.kind === "contact" ? contactName(conversation) : authorName(author, me);
    announce(`${audience === "internal" ? "Note by " : ""}${name}: ${body.slice(0, announcedCharacters)}`);
  }, [conversation, last, me]);
};
