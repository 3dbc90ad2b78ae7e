import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useClientState } from "../session/client-context.tsx";
import { useUi } from "../shell/ui-store.ts";
import { Assignment } from "./assignment.tsx";
import { Care } from "./care.tsx";
import { ContactCard } from "./contact-card.tsx";
import classes from "./details.module.css";
import { Facts } from "./facts.tsx";
import { Receipts } from "./receipts.tsx";
import { useContactFacts } from "./use-contact-facts.ts";

const Sections = ({ conversation }: { conversation: Conversation }) => {
  const facts = useContactFacts(conversation);
  return (
    <>
      <ContactCard conversation={conversation} email={facts.email} />
      <Assignment conversation={conversation} />
      <Care key={`care:${conversation.id}`} conversation={conversation} facts={facts} />
      <Facts conversation={conversation} />
      <Receipts conversation={conversation} />
    </>
  );
};

/** The right pane: who the contact is, who holds the conversation, how it stands. Folds away where there is no room. */
export const DetailsPane = ({ id }: { id: string }) => {
  const conversation = useClientState((state) => state.conversations[id]);
  const shown = useUi((ui) => ui.detailsShown);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (shown) close.current?.focus();
  }, [shown]);
  if (!conversation) return null;
  return (
    <aside className={classes["pane"]} data-pane="details" aria-label="Details">
      <div className={classes["head"]} data-only="folded">
        <strong>Details</strong>
        <ActionIcon
          ref={close}
          variant="subtle"
          color="gray"
          aria-label="Close the details"
          onClick={() => useUi.setState({ detailsShown: false })}
        >
          <IconX size={18} />
        </ActionIcon>
      </div>
      <Sections conversation={conversation} />
    </aside>
  );
};
