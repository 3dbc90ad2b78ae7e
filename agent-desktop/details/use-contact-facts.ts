import { useEffect, useRef } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { ask } from "../session/ask.ts";
import { useClientState } from "../session/client-context.tsx";
import { useLoaded } from "../session/use-loaded.ts";

/** What is known of a contact beside their conversations; undefined while it is not known yet. */
export type ContactFacts = ReturnType<typeof useContactFacts>;

/**
 * Who looks after a conversation's contact, and the address the contact left. Asked again at each new version of any conversation of theirs that is known
 * here, since the owner is the contact's and may have been changed in another one, and after every gap in the connection.
 */
export const useContactFacts = ({ id, contact }: Conversation) => {
  const loaded = useLoaded((signal) => ask("conversation/get", { params: { conversationId: id } }, signal), id);
  const versions = useClientState(({ conversations }) =>
    Object.values(conversations)
      .filter((one) => one.contact?.id === contact?.id)
      .map((one) => `${one.id}:${one.version}`)
      .toSorted()
      .join(),
  );
  const online = useClientState((state) => state.session.status === "online");
  const heard = online ? versions : null;
  const asked = useRef(heard);
  const { reload } = loaded;
  useEffect(() => {
    if (asked.current === heard) return;
    asked.current = heard;
    if (heard !== null) reload();
  }, [heard, reload]);
  return { owner: loaded.data?.owner, email: loaded.data?.contactEmail, problem: loaded.problem, reload };
};
