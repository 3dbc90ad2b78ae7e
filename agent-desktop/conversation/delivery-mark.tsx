import { IconCheck, IconChecks } from "@tabler/icons-react";
import type { Delivery } from "./delivery.ts";

const words: Record<Delivery, string> = { sent: "Sent", delivered: "Delivered", read: "Read" };

/** How far one's own message got, as ticks and a word. */
export const DeliveryMark = ({ delivery, note }: { delivery: Delivery; note: boolean }) => {
  // A note is for colleagues: that none has looked yet is no news.
  if (note && delivery !== "read") return null;
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 3 }}>
      {delivery === "sent" ? (
        <IconCheck size={14} aria-hidden />
      ) : (
        <IconChecks size={14} aria-hidden color={delivery === "read" ? "var(--accent)" : "currentColor"} />
      )}
      {words[delivery]}
    </span>
  );
};
