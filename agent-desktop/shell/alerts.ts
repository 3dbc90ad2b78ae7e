import { useEffect } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useDoings } from "../details/actions.ts";
import { contactName } from "../list/names.ts";
import { useClient } from "../session/client-context.tsx";
import { useMe } from "../session/viewer.ts";
import { notify, playSound } from "./alert-means.ts";
import { alertWorthy } from "./alert-worthy.ts";
import { tell } from "./notices.ts";
import { isForThisTab } from "./one-tab.ts";
import { usePreferences } from "./preferences.ts";
import { showConversation, useUi } from "./ui-store.ts";

/** Something that concerns the person: `key` names it alike in all their tabs. */
type News = { conversation: Conversation; text: string; key: string };

const isInSight = () => document.visibilityState === "visible" && document.hasFocus();
const isOpen = (id: string) => isInSight() && useUi.getState().openId === id;

/**
 * Sounds and notifies of `news`, as far as the person asked for it and is not looking at it anyway, in any tab. `own`: they
 * did it here themselves. Answers what there was to tell in this tab.
 */
const alertOf = async (me: string, news: News[], own = false): Promise<News[]> => {
  const inSight = isInSight();
  const ours = await Promise.all(news.map(({ key }) => isForThisTab(`${me}:${key}`, inSight || own)));
  const unseen = news.filter(({ conversation }, index) => ours[index] && !own && !isOpen(conversation.id));
  if (unseen.length === 0) return [];
  const { sound, notifications } = usePreferences.getState();
  if (sound) playSound();
  if (!notifications || inSight) return unseen;
  for (const { conversation, text } of unseen)
    notify(contactName(conversation), text, conversation.id, () => showConversation(conversation.id));
  return unseen;
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
      const written = news.map((conversation) => {
        const { id = "", body = "" } = conversation.lastEntry ?? {};
        return { conversation, text: body, key: id };
      });
      void alertOf(me, written);
    });
  }, [client, me]);
  useEffect(
    () =>
      client.on("conversation:removed", ({ conversationId }) => {
        if (useUi.getState().openId !== conversationId) return;
        showConversation(null);
        tell("info", "The conversation moved to where you can't see it");
      }),
    [client],
  );
  useEffect(
    () =>
      client.on("conversation:offered", ({ conversation, offeredAt }) => {
        const key = `${conversation.id}:${offeredAt}`;
        void alertOf(me, [{ conversation, text: "is offered to you", key }]);
      }),
    [client, me],
  );
  useEffect(
    () =>
      client.on("conversation:assigned", ({ conversation }) => {
        if (conversation.assigneeId !== me) return;
        // What one takes oneself is no news, in this tab or another.
        const own = useDoings.getState().busy.has(conversation.id);
        const key = `${conversation.id}:${conversation.version}`;
        void alertOf(me, [{ conversation, text: "is yours now", key }], own).then((told) => {
          if (told.length > 0) tell("info", `${contactName(conversation)} is yours now`);
        });
      }),
    [client, me],
  );
};
