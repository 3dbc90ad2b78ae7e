import { useEffect, useRef } from "react";
import { isComposing } from "../../widget-sdk/core/composition.ts";
import { composeFor } from "../conversation/composing.ts";
import { assignTargetId } from "../details/assign-target.ts";
import { act } from "../details/actions.ts";
import { handOver } from "../details/hand-over.ts";
import { filterInputId } from "../list/filter-input.ts";
import { useList } from "../list/use-list.ts";
import { acceptOffer, askReason } from "../offers/answer.ts";
import { firstOffer } from "../offers/use-offers.ts";
import { isInSettings } from "../session/page.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { useClient } from "../session/client-context.tsx";
import { usePreferences } from "./preferences.ts";
import { wishOf, type Press, type Wish } from "./shortcuts.ts";
import { showConversation, useUi } from "./ui-store.ts";

const whereIs = (target: EventTarget | null): Press["where"] => {
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return "overlay";
  if (!(target instanceof HTMLElement)) return "elsewhere";
  if (target.closest('[role="menu"], [role="listbox"], [role="dialog"]')) return "overlay";
  if (target.closest('input, textarea, select, [contenteditable="true"]')) return "text";
  return target.closest('[data-pane="list"] ul') ? "list" : "elsewhere";
};

const focusRow = (id: string) => {
  const row = document.querySelector<HTMLElement>(`[data-conversation="${id}"]`);
  row?.focus();
  row?.closest("li")?.scrollIntoView({ block: "nearest" });
};

const move = (ids: string[], step: 1 | -1) => {
  const { cursorId, openId } = useUi.getState();
  const at = ids.indexOf(cursorId ?? openId ?? "");
  const next = ids[at < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, at + step))];
  if (!next) return;
  useUi.setState({ cursorId: next });
  // The row must have become the reachable one before it takes the focus.
  requestAnimationFrame(() => focusRow(next));
};

const assign = (client: AgentClient, id: string) => {
  const conversation = client.getState().conversations[id];
  if (!conversation) return;
  const { permissions } = client.getState().session;
  if (!conversation.assigneeId && permissions.includes("conversation.assign"))
    return void act(client, conversation, { command: "conversation:assign" }, "take the conversation");
  useUi.setState({ detailsShown: true });
  requestAnimationFrame(() => document.getElementById(assignTargetId)?.click());
};

const settle = (client: AgentClient, id: string) => {
  const conversation = client.getState().conversations[id];
  if (!conversation || conversation.status === "archived") return;
  const reopen = conversation.status === "resolved";
  const { permissions } = client.getState().session;
  if (!permissions.includes(reopen ? "conversation.reopen" : "conversation.resolve")) return;
  const command = reopen ? "conversation:reopen" : "conversation:resolve";
  void act(client, conversation, { command }, reopen ? "reopen it" : "resolve it");
};

/** One step back: from the text, the details, the filter, and at last the conversation. */
const back = (target: EventTarget | null) => {
  const { detailsShown, filter, openId } = useUi.getState();
  if (target instanceof HTMLElement && target.id === filterInputId) {
    if (filter) useUi.setState({ filter: "" });
    else target.blur();
  } else if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) target.blur();
  else if (detailsShown) useUi.setState({ detailsShown: false });
  else if (filter) useUi.setState({ filter: "" });
  else if (openId) {
    showConversation(null);
    requestAnimationFrame(() => focusRow(openId));
  }
};

const answerOffer = (client: AgentClient, wish: "accept" | "decline") => {
  const offer = firstOffer(client);
  if (!offer || !client.getState().session.permissions.includes("offer.answer")) return;
  if (wish === "accept") void acceptOffer(client, offer);
  else askReason(offer);
};

const carryOut = (wish: Wish, client: AgentClient, ids: string[], target: EventTarget | null) => {
  const { openId } = useUi.getState();
  if (wish === "accept" || wish === "decline") answerOffer(client, wish);
  else if (isInSettings() && wish !== "help") return;
  else if (wish === "next") move(ids, 1);
  else if (wish === "previous") move(ids, -1);
  else if (wish === "filter") document.getElementById(filterInputId)?.focus();
  else if (wish === "help") useUi.setState({ helpShown: true });
  else if (wish === "back") back(target);
  else if (!openId) return;
  else if (wish === "reply") composeFor("public");
  else if (wish === "note") composeFor("internal");
  else if (wish === "assign") assign(client, openId);
  else if (wish === "transfer") handOver(client.getState().conversations[openId]);
  else if (wish === "settle") settle(client, openId);
};

/** The keys of the desktop. */
export const useShortcuts = (): void => {
  const client = useClient();
  const { rows } = useList();
  const ids = useRef<string[]>([]);
  useEffect(() => {
    ids.current = rows.map(({ id }) => id);
  }, [rows]);
  useEffect(() => {
    // Asked before anybody reacts: by the time the event gets here, Esc may have closed the dialog it was meant for.
    let where: Press["where"] = "elsewhere";
    const onCapture = (event: KeyboardEvent) => {
      where = whereIs(event.target);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event)) return;
      const wish = wishOf({
        key: event.key,
        modified: event.ctrlKey || event.altKey || event.metaKey,
        where,
        singleKeys: usePreferences.getState().keys,
      });
      if (!wish) return;
      event.preventDefault();
      carryOut(wish, client, ids.current, event.target);
    };
    window.addEventListener("keydown", onCapture, { capture: true });
    window.addEventListener("keydown", onKeyDown);
    return () => {
      window.removeEventListener("keydown", onCapture, { capture: true });
      window.removeEventListener("keydown", onKeyDown);
    };
  }, [client]);
};
