/** @jsxImportSource preact */
import { useEffect, useRef, useState } from "preact/hooks";
import { conversationsOf } from "../core/view.ts";
import { Banner } from "./banner.tsx";
import { Chat } from "./chat.tsx";
import { ConversationList } from "./conversation-list.tsx";
import { isOver } from "./conversations.ts";
import type { List } from "./conversations.ts";
import { trapFocus } from "./focus.ts";
import { Header } from "./header.tsx";
import type { Session } from "./session.ts";
import { useClientState } from "./use-client.ts";

/** What the panel shows: the list, or one conversation; `""` is one that is yet to be started. */
type Screen = { name: "list" } | { name: "chat"; conversationId: string };

const screenOf = (where: string): Screen =>
  where === "list" ? { name: "list" } : { name: "chat", conversationId: where };

type Props = { session: Session; list: List; open: boolean; onClose: () => void };

export const App = ({ session, list, open, onClose }: Props) => {
  const { client } = session;
  const state = useClientState(client);
  /** `turn` counts the screens that were turned to: a conversation that gets its name stays the same one. */
  const [chosen, setChosen] = useState<{ screen?: Screen; turn: number }>({ turn: 0 });
  const panel = useRef<HTMLDialogElement>(null);

  const conversations = conversationsOf(state);
  const live = conversations.filter(({ status }) => !isOver(status));
  const begun = state.outbox.find(({ kind }) => kind === "start");
  // Without a choice: what is going on, else what there was, else a new conversation.
  const current = begun?.conversationId ?? (live.length === 1 ? live[0]!.id : undefined);
  const offered = current ?? (conversations.length > 0 ? "list" : "");
  const screen = chosen.screen ?? screenOf(offered);
  const settled = list.state !== "loading" || state.session.status === "ended" || begun !== undefined;

  let conversationId = screen.name === "chat" ? screen.conversationId : "";
  conversationId = state.started[conversationId] ?? conversationId;
  // A start that was taken back leaves an empty page again.
  const isGone = !state.outbox.some((message) => message.conversationId === conversationId);
  if (conversationId.startsWith("new:") && isGone) conversationId = "";

  const show = (next: Screen) => setChosen({ screen: next, turn: chosen.turn + 1 });

  useEffect(() => {
    const element = panel.current;
    if (!open || !element) return undefined;
    (element.querySelector<HTMLElement>("input, textarea") ?? element).focus({ preventScroll: true });
    return trapFocus(element, onClose);
  }, [open, onClose]);

  useEffect(() => {
    // What somebody has seen stays on their screen, whatever becomes of the conversations meanwhile.
    // Decided on what stands now: a message sent since this was rendered has chosen its own screen.
    if (open && settled && !chosen.screen)
      setChosen((now) => (now.screen ? now : { screen: screenOf(offered), turn: now.turn }));
  }, [open, settled, chosen, offered]);

  return (
    <dialog
      ref={panel}
      open
      class="panel"
      aria-modal="true"
      aria-label={`Chat${state.session.tenant ? ` with ${state.session.tenant.name}` : ""}`}
      data-open={open}
      inert={!open}
      tabIndex={-1}
    >
      <Header
        state={state}
        conversation={state.conversations[conversationId]}
        inChat={screen.name === "chat"}
        onBack={screen.name === "chat" && conversations.length > 0 ? () => show({ name: "list" }) : undefined}
        onClose={onClose}
      />
      <Banner state={state} onRetry={() => client.connect()} onGuest={session.asGuest} />
      {screen.name === "chat" ? (
        <Chat
          key={chosen.turn}
          session={session}
          state={state}
          conversationId={conversationId}
          loading={!settled}
          open={open}
          onBegin={(id) => setChosen({ screen: { name: "chat", conversationId: id }, turn: chosen.turn })}
          onNew={() => show({ name: "chat", conversationId: "" })}
        />
      ) : (
        <ConversationList
          state={state}
          conversations={conversations}
          list={list}
          onOpen={(id) => show({ name: "chat", conversationId: id })}
          onNew={() => show({ name: "chat", conversationId: "" })}
        />
      )}
    </dialog>
  );
};
