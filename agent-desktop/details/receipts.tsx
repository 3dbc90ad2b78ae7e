import { IconCheck, IconChecks } from "@tabler/icons-react";
import type { Conversation, Receipt } from "../../server/contract/entities.ts";
import { useReceipts } from "../conversation/use-timeline.ts";
import { contactName } from "../list/names.ts";
import { timelineKey } from "../../widget-sdk/core/state.ts";
import { useClientState } from "../session/client-context.tsx";
import { useMe, useNameOf } from "../session/viewer.ts";
import { useNow } from "../shell/now.ts";
import classes from "./details.module.css";
import { readersOf, receiptText } from "./receipt-text.ts";

/** How far the contact and the colleagues have read what was said in public. */
export const Receipts = ({ conversation }: { conversation: Conversation }) => {
  const me = useMe();
  const nameOf = useNameOf();
  const now = useNow();
  const receipts = useReceipts(conversation.id, "public");
  const entries = useClientState((state) => state.timelines[timelineKey(conversation.id, "public")]?.entries) ?? [];
  const others = readersOf(receipts, conversation, me);
  const name = ({ actor }: Receipt) =>
    actor.kind === "contact" ? contactName(conversation) : (nameOf(actor.id) ?? "An agent");
  if (others.length === 0) return null;
  return (
    <section className={classes["section"]} aria-label="Receipts">
      <h2 className={classes["heading"]}>Read so far</h2>
      {others.map((receipt) => {
        const { text, all } = receiptText(receipt, entries, now);
        return (
          <div key={`${receipt.actor.kind}:${receipt.actor.id}`} className={classes["receipt"]}>
            {all ? (
              <IconChecks size={15} color="var(--accent)" aria-hidden />
            ) : (
              <IconCheck size={15} color="var(--ink-soft)" aria-hidden />
            )}
            <span style={{ flex: 1, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
              {name(receipt)}
            </span>
            <span style={{ color: "var(--ink-soft)" }}>{text}</span>
          </div>
        );
      })}
    </section>
  );
};
