import { useEffect } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useDoings } from "../details/actions.ts";
import { contactName } from "../list/names.ts";
import { useClient } from "../session/client-context.tsx";
import { useMe } from "../session/viewer.ts";
import { notify, playSound } from "./alert-means.ts";
import { alertWorthy } from "./alert-worthy.ts";
import { tell } from "./notices.ts";
import { usePreferences } from "./preferences.ts";
import { showConversation, useUi } from "./ui-store.ts";

/** Sounds and notifies of `conversations`, as far as the person asked for it and is not looking at them anyway. */
const alertOf = (conversations: Conversation[], text: (conversation: Conversation) => string) => {
  const { sound, notifications } = usePreferences.getState();
  const inSight = document.visibilityState === "visible" && document.hasFocus();
  const unseen = conversations.filter(({ id }) => !(inSight && useUi.getState().openId === id));
  if (unseen.length === 0) return;
  if (sound) playSound();
  if (!notifications || inSight) return;
  for (const conversation of unseen)
    notify(contactName(conversation), text(conversation), conversation.id, () => showConversation(conversation.id));
};

/** Draws attention when a visitor writes, and when a conversation is given to the viewer. */
export const useAlerts = (): void => {
  const client = useClient();
  const me = useMe();
  useEffect(() => {
    let before = client.getState().conversations;
    return client.subscribe(() => {
      const { conversations, session } = client.getState();
      const news = alertWorthy(before, conversations, me, Date.now() + session.clockOffsetMs);
      before = conversations;
      alertOf(news, ({ lastEntry }) => lastEntry?.body ?? "");
    });
  }, [client, me]);
  useEffect(
    () =>
      client.on("conversation:removed", ({ conversationId }) => {
        if (useUi.getState().openId !== conversationId) return;
        showConversation(null);
        tell("info", "The conversation went where you don't see it");
      }),
    [client],
  );
  useEffect(
    () => client.on("conversation:offered", ({ conversation }) => alertOf([conversation], () => "is offered to you")),
    [client],
  );
  useEffect(
    () =>
      client.on("conversation:assigned", ({ conversation }) => {
        // What one takes oneself is no news.
        if (conversation.assigneeId !== me || useDoings.getState().busy.has(conversation.id)) return;
        tell("info", `${contactName(conversation)} is yours now`);
        alertOf([conversation], () => "is yours now");
      }),
    [client, me],
  );
};
