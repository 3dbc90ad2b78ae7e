/** @jsxImportSource preact */
import { Component, createRef } from "preact";
import type { Actor } from "../../server/contract/entities.ts";
import { Face } from "./face.tsx";
import { Icon } from "./icons.tsx";
import type { Item } from "./items.ts";
import { Message } from "./message.tsx";
import type { Act } from "./message.tsx";
import { dayName } from "./time.ts";

type Props = {
  conversationId: string;
  items: Item[];
  typists: Actor[];
  /** Said where there is no message yet. */
  greeting: string | undefined;
  loading: boolean;
  hasOlder: boolean;
  onOlder: () => Promise<unknown>;
  onRead: () => void;
  open: boolean;
  act: Act;
  me: Actor | undefined;
};

type State = {
  /** Whether the newest message is in view: then the list follows, and what arrives counts as read. */
  atEnd: boolean;
  paging: boolean;
  /** The newest message that was in view. */
  seenSeq: number;
};

/** So close to an end, in pixels, counts as there. */
const nearPx = 60;

const typingText = (typists: Actor[]) => {
  const names = typists.map(({ name }) => name ?? "An agent");
  if (names.length > 2) return "Several people are typing";
  return `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing`;
};

const newestSeq = (items: Item[]) => {
  const newest = items.findLast((item) => item.kind === "message" && item.seq !== undefined);
  return newest?.kind === "message" ? (newest.seq ?? 0) : 0;
};

/** Where a list begins, day separators aside: they change with what stands above. */
const beginning = (items: Item[]) => items.find(({ kind }) => kind !== "day")?.key;

export class MessageList extends Component<Props, State> {
  override state: State = { atEnd: true, paging: false, seenSeq: 0 };
  readonly #list = createRef<HTMLDivElement>();
  #resized: ResizeObserver | undefined;

  override componentDidMount(): void {
    this.#resized = new ResizeObserver(() => this.state.atEnd && this.toEnd());
    this.#resized.observe(this.#list.current!);
    // Not every browser lets the keyboard scroll a region by itself.
    this.#list.current!.tabIndex = 0;
    document.addEventListener("visibilitychange", this.read);
    this.settle();
  }

  override componentWillUnmount(): void {
    this.#resized?.disconnect();
    document.removeEventListener("visibilitychange", this.read);
  }

  override getSnapshotBeforeUpdate(): { top: number; height: number } {
    const { scrollTop, scrollHeight } = this.#list.current!;
    return { top: scrollTop, height: scrollHeight };
  }

  override componentDidUpdate(before: Props, _: State, { top, height }: { top: number; height: number }): void {
    const list = this.#list.current!;
    const { items, conversationId } = this.props;
    const last = items.at(-1);
    const wrote = last?.kind === "message" && last.mine && last.key !== before.items.at(-1)?.key;
    const elsewhere = before.conversationId !== conversationId && !before.conversationId.startsWith("new:");
    if (elsewhere || wrote || this.state.atEnd) this.toEnd();
    // What comes in above must not push away what is being read.
    else if (beginning(items) !== beginning(before.items)) list.scrollTop = top + list.scrollHeight - height;
    this.settle();
    const { open, hasOlder } = this.props;
    const grew = items.length !== before.items.length || open !== before.open || hasOlder !== before.hasOlder;
    // A page that does not fill the list can't be scrolled for the next.
    if (grew && open && list.clientHeight > 0 && list.scrollHeight <= list.clientHeight) this.older();
  }

  /** After every drawing: what is in view is seen, and read. */
  settle(): void {
    const seq = newestSeq(this.props.items);
    if (this.state.atEnd && seq !== this.state.seenSeq) this.setState({ seenSeq: seq });
    this.read();
  }

  read = (): void => {
    if (this.props.open && this.state.atEnd && !document.hidden) this.props.onRead();
  };

  toEnd = (smooth = false): void => {
    const list = this.#list.current!;
    const still = !smooth || matchMedia("(prefers-reduced-motion: reduce)").matches;
    list.scrollTo({ top: list.scrollHeight, behavior: still ? "instant" : "smooth" });
  };

  older = (): void => {
    if (this.state.paging || !this.props.hasOlder) return;
    this.setState({ paging: true });
    void this.props.onOlder().finally(() => this.setState({ paging: false }));
  };

  onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this.#list.current!;
    const atEnd = scrollHeight - scrollTop - clientHeight < nearPx;
    if (atEnd !== this.state.atEnd) this.setState({ atEnd });
    if (scrollTop < nearPx) this.older();
  };

  render({ items, typists, greeting, loading, act, me }: Props, { atEnd, paging, seenSeq }: State) {
    const missed = items.filter((item) => item.kind === "message" && !item.mine && (item.seq ?? 0) > seenSeq).length;
    return (
      <div class="list-frame">
        <div
          ref={this.#list}
          class="list"
          role="log"
          aria-live="polite"
          aria-relevant="additions"
          aria-label="Messages"
          aria-busy={loading || paging}
          onScroll={this.onScroll}
        >
          {paging && <p class="hint">Loading earlier messages…</p>}
          {loading && items.length === 0 && <p class="hint">Loading…</p>}
          {!loading && items.length === 0 && greeting && (
            <div class="empty">
              <p class="hello">Hello!</p>
              <p>{greeting}</p>
            </div>
          )}
          {items.map((item) =>
            item.kind === "message" ? (
              <Message key={item.key} item={item} act={act} me={me} />
            ) : (
              <p key={item.key} class={item.kind}>
                <span>{item.kind === "day" ? dayName(item.at) : item.text}</span>
              </p>
            ),
          )}
          {typists.length > 0 && (
            // Announced each time it would talk over what is being read.
            <p class="typing" aria-live="off">
              <span class="gutter">
                <Face name={typists[0]?.name ?? "Agent"} />
              </span>
              <span class="dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              <span>{typingText(typists)}</span>
            </p>
          )}
        </div>
        {!atEnd && (
          <button type="button" class="jump" onClick={() => this.toEnd(true)}>
            <Icon name="down" />
            {missed > 0 ? (
              `${missed} new message${missed === 1 ? "" : "s"}`
            ) : (
              <span class="hidden">To the newest message</span>
            )}
          </button>
        )}
      </div>
    );
  }
}
