/** @jsxImportSource preact */
import { Component } from "preact";
import type { ClientState } from "../core/client.ts";
import { ParleyError } from "../core/client.ts";
import { isMine, timelineKey } from "../core/state.ts";
import { firstSeq } from "../core/timeline.ts";
import { entriesOf, pendingOf, placeOf, reachOf, typistsOf } from "../core/view.ts";
import { availabilityText, isAttended, replyText, takesMessages, waitText } from "./availability.ts";
import { Composer } from "./composer.tsx";
import type { About } from "./composer.tsx";
import { Confirm } from "./confirm.tsx";
import { deletedMessage, itemsOf } from "./items.ts";
import { MessageForm } from "./message-form.tsx";
import { MessageList } from "./message-list.tsx";
import type { Act } from "./message.tsx";
import { Reach } from "./reach.tsx";
import type { Session } from "./session.ts";

type Props = {
  session: Session;
  state: ClientState;
  /** `""` until something is written, `new:…` until the server has named it. */
  conversationId: string;
  loading: boolean;
  open: boolean;
  onBegin: (conversationId: string) => void;
  onNew: () => void;
};

type State = {
  about?: About | undefined;
  /** A question that waits for its answer. */
  asking?: { text: string; yes: string; run: () => Promise<unknown> } | undefined;
  /** Something was edited: the composer was exchanged and has to take the focus by itself. */
  edits?: boolean;
  trouble?: { text: string; retry?: (() => void) | undefined } | undefined;
};

const greetingOf = (company: string | undefined, isHere: boolean, address: string | undefined) => {
  if (!company) return "Write a message to begin.";
  return isHere ? `Ask ${company} anything. We reply right here.` : `Leave us a message. ${replyText(address)}`;
};

/** One conversation: its messages, and where the next one is written. */
export class Chat extends Component<Props, State> {
  override state: State = {};

  override componentDidMount(): void {
    this.load();
  }

  override componentDidUpdate({ conversationId }: Props): void {
    if (conversationId !== this.props.conversationId) this.load();
  }

  get named(): boolean {
    const { conversationId } = this.props;
    return conversationId !== "" && !conversationId.startsWith("new:");
  }

  load = (): void => {
    const { session, conversationId } = this.props;
    const { client } = session;
    if (!this.named || client.getState().timelines[timelineKey(conversationId, "public")]?.opened) return;
    client.open(conversationId).catch((error: unknown) => this.report(error, this.load));
  };

  report = (error: unknown, retry?: () => void): void => {
    // A session that ended says why by itself.
    if (this.props.session.client.getState().session.status === "ended") return;
    this.setState({
      trouble: { text: error instanceof ParleyError ? error.message : "That did not work. Please try again.", retry },
    });
  };

  send = (body: string): void => {
    const { session, conversationId, onBegin } = this.props;
    const { client } = session;
    const { about } = this.state;
    if (about?.edit) {
      client.request("message:edit", { conversationId, seq: about.seq, body }).catch(this.report);
    } else if (conversationId === "") {
      const email = session.identified() ? undefined : session.address();
      onBegin(client.begin({ body, ...(email !== undefined && { email }) }));
    } else {
      client.send({ conversationId, body, ...(about && { replyToSeq: about.seq }) });
    }
    this.setState({ about: undefined });
  };

  ask = (
    text: string,
    yes: string,
    command: "message:delete" | "conversation:resolve",
    about: { seq: number } | object,
  ): void => {
    const { session, conversationId } = this.props;
    const run = () => session.client.request(command, { conversationId, ...about });
    this.setState({ asking: { text, yes, run } });
  };

  // One object for good: messages are drawn anew only when they change, and must not act on what was then.
  act: Act = {
    reply: ({ seq = 0, body = "" }) => this.setState({ about: { edit: false, seq, body } }),
    edit: ({ seq = 0, body = "" }) => this.setState({ about: { edit: true, seq, body }, edits: true }),
    remove: ({ seq = 0 }) => this.ask("Delete this message for everyone?", "Delete", "message:delete", { seq }),
    react: ({ seq = 0 }, emoji, remove) => {
      const { session, conversationId } = this.props;
      session.client.request("message:react", { conversationId, seq, emoji, remove }).catch(this.report);
    },
    retry: ({ clientId = "" }) => this.props.session.client.retry(clientId),
    discard: ({ clientId = "" }) => this.props.session.client.discard(clientId),
  };

  /** The client id by which this visitor started the conversation, if that can be told from what is loaded. */
  get startId(): string | undefined {
    const { state, conversationId } = this.props;
    const first = entriesOf(state, conversationId)[0];
    return first?.seq === 1 && isMine(state, first.author) ? first.clientId : undefined;
  }

  giveAddress = async (email: string): Promise<void> => {
    const { client, keepAddress } = this.props.session;
    // Started once, whatever is asked again; but what a visitor says of themselves is taken in each time.
    await client.request("conversation:start", { clientId: this.startId!, email });
    keepAddress(email);
    this.forceUpdate();
  };

  get quoted(): string | undefined {
    const { about } = this.state;
    const entry = entriesOf(this.props.state, this.props.conversationId).find(({ seq }) => seq === about?.seq);
    return entry?.deletedAt === undefined ? (entry?.body ?? about?.body) : deletedMessage;
  }

  get items() {
    const { state, conversationId } = this.props;
    return itemsOf({
      entries: entriesOf(state, conversationId),
      pending: pendingOf(state, conversationId),
      isMine: (author) => isMine(state, author),
      reach: reachOf(state, conversationId),
    });
  }

  render(
    { session, state, conversationId, loading, open, onBegin, onNew }: Props,
    { about, asking, trouble, edits = false }: State,
  ) {
    const { client, storage } = session;
    const { named } = this;
    const conversation = state.conversations[conversationId];
    const timeline = state.timelines[timelineKey(conversationId, "public")];
    const ended = conversation?.status === "resolved";
    const readOnly = conversation?.status === "archived";
    const failed = pendingOf(state, conversationId).find(({ kind, state }) => kind === "start" && state === "failed");
    // A form that was not taken comes back as it was sent.
    const refused =
      failed?.error?.code === "invalid_payload" && takesMessages(state.session.inbox) ? failed : undefined;
    let blocked: string | undefined;
    if (failed && !refused) blocked = "To continue, send the message above again or discard it.";
    if (state.session.status === "ended" && state.session.endedReason !== "closed")
      blocked = "Nothing can be sent at the moment.";
    const { inbox, actor } = state.session;
    if (refused || (conversationId === "" && !loading && takesMessages(inbox)))
      return (
        <div class="screen">
          <MessageForm
            key={refused?.clientId ?? actor?.id}
            refused={refused}
            storage={storage}
            when={availabilityText(inbox)}
            name={actor?.name}
            address={session.address()}
            known={session.identified()}
            blocked={blocked}
            onLeave={(left) => {
              if (refused) client.discard(refused.clientId);
              if (left.email) session.keepAddress(left.email);
              onBegin(client.begin(left));
            }}
          />
        </div>
      );
    const isQueued = conversation?.status === "queued";
    const isLeft = isQueued && conversation.forLater;
    const address = session.address();
    const wait = isQueued ? waitText(placeOf(state, conversationId), inbox, address) : undefined;
    const isReachable = address !== undefined || session.identified();
    const isUnreachable = isQueued && (isLeft || !isAttended(inbox)) && !isReachable && this.startId !== undefined;
    return (
      <div class="screen">
        {isLeft && <output class="place">We have your message. {replyText(address)}</output>}
        {wait && !isLeft && <output class="place">{wait}</output>}
        {isUnreachable && <Reach key={conversationId} onGive={this.giveAddress} />}
        <MessageList
          conversationId={conversationId}
          items={this.items}
          typists={typistsOf(state, conversationId)}
          greeting={
            blocked === undefined ? greetingOf(state.session.tenant?.name, isAttended(inbox), address) : undefined
          }
          loading={loading || (named && !timeline?.opened && !trouble)}
          hasOlder={timeline !== undefined && timeline.opened && firstSeq(timeline) > 1}
          onOlder={() => client.history(conversationId).catch((error: unknown) => this.report(error))}
          onRead={() => client.read(conversationId)}
          open={open}
          act={this.act}
          me={state.session.actor}
        />
        {trouble && (
          <div class="trouble" role="alert">
            <span>{trouble.text}</span>
            <button
              type="button"
              class="link"
              onClick={() => {
                this.setState({ trouble: undefined });
                trouble.retry?.();
              }}
            >
              {trouble.retry ? "Try again" : "Dismiss"}
            </button>
          </div>
        )}
        {readOnly ? (
          <p class="hint">This conversation is archived and can only be read.</p>
        ) : (
          <Composer
            key={about?.edit ? `edit ${about.seq}` : "write"}
            storage={storage}
            draftName={`draft:${named ? conversationId : "new"}`}
            about={about}
            quoted={this.quoted}
            onCancel={() => this.setState({ about: undefined })}
            onSend={this.send}
            onTyping={(typing) => named && client.setTyping(conversationId, typing)}
            placeholder={ended ? "Write to reopen the conversation…" : "Write a message…"}
            blocked={blocked}
            focus={edits}
          />
        )}
        <div class="foot small">
          {ended || readOnly ? (
            <button type="button" class="link" onClick={onNew}>
              Start a new conversation
            </button>
          ) : (
            named &&
            conversation && (
              <button
                type="button"
                class="link quiet"
                onClick={() => this.ask("End this conversation?", "End conversation", "conversation:resolve", {})}
              >
                End conversation
              </button>
            )
          )}
        </div>
        {asking && (
          <Confirm
            text={asking.text}
            yes={asking.yes}
            onNo={() => this.setState({ asking: undefined })}
            onYes={() => {
              this.setState({ asking: undefined });
              asking.run().catch(this.report);
            }}
          />
        )}
      </div>
    );
  }
}
