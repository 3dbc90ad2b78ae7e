/** @jsxImportSource preact */
import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Actor } from "../../server/contract/entities.ts";
import { Face } from "./face.tsx";
import { trapFocus } from "./focus.ts";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";
import type { MessageItem } from "./items.ts";
import { linkify } from "../../server/contract/links.ts";
import { exactTimeOf, timeOf } from "./time.ts";

/** What can be done with a message. */
export type Act = {
  reply: (item: MessageItem) => void;
  edit: (item: MessageItem) => void;
  remove: (item: MessageItem) => void;
  react: (item: MessageItem, emoji: string, remove: boolean) => void;
  retry: (item: MessageItem) => void;
  discard: (item: MessageItem) => void;
};

type Props = { item: MessageItem; act: Act; me: Actor | undefined };

const offered = ["👍", "❤️", "😀", "🎉"];

const states: Record<MessageItem["state"], { icon: IconName; text: string }> = {
  sending: { icon: "clock", text: "Sending" },
  sent: { icon: "check", text: "Sent" },
  delivered: { icon: "checks", text: "Delivered" },
  read: { icon: "checks", text: "Read" },
  failed: { icon: "alert", text: "Not sent" },
};

const Body = ({ text }: { text: string }) => (
  <>
    {linkify(text).map(({ text: shown, href }, index) =>
      href ? (
        <a
          key={index}
          href={href}
          target={href.startsWith("http") ? "_blank" : undefined}
          rel="noopener noreferrer nofollow"
        >
          {shown}
        </a>
      ) : (
        shown
      ),
    )}
  </>
);

const Reactions = ({ item, act, me }: Props) => (
  <div class="reactions">
    {item.reactions.map(({ emoji, actors }) => {
      const own = actors.some(({ id }) => id === me?.id);
      return (
        <button
          key={emoji}
          type="button"
          class="reaction"
          aria-pressed={own}
          aria-label={`${emoji}, ${actors.length}`}
          onClick={() => act.react(item, emoji, own)}
        >
          {emoji} {actors.length}
        </button>
      );
    })}
  </div>
);

const Actions = ({ item, act, me }: Props) => {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLFieldSetElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!menu.current) return undefined;
    menu.current.scrollIntoView({ block: "nearest" });
    menu.current.querySelector("button")?.focus({ preventScroll: true });
    return trapFocus(menu.current, () => {
      setOpen(false);
      toggle.current?.focus();
    });
  }, [open]);
  // Before the button is gone: with a deleted message the keyboard must not fall out of the dialog.
  useLayoutEffect(() => {
    const button = toggle.current;
    return () => {
      const root = button?.getRootNode();
      if (root instanceof ShadowRoot && root.activeElement === button) button?.closest<HTMLElement>(".list")?.focus();
    };
  }, []);
  const choose = (run: () => void) => () => {
    setOpen(false);
    toggle.current?.focus();
    run();
  };
  const react = (emoji: string) => {
    const held = item.reactions.find((reaction) => reaction.emoji === emoji);
    act.react(item, emoji, held?.actors.some(({ id }) => id === me?.id) ?? false);
  };
  return (
    <div class="actions" data-open={open}>
      <button
        ref={toggle}
        type="button"
        class="plain"
        aria-label="Message actions"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <fieldset class="menu" ref={menu} aria-label="Message actions">
          {!item.mine &&
            offered.map((emoji) => (
              <button key={emoji} type="button" class="emoji" onClick={choose(() => react(emoji))}>
                {emoji}
              </button>
            ))}
          <button type="button" onClick={choose(() => act.reply(item))}>
            Reply
          </button>
          {item.mine && (
            <>
              <button type="button" onClick={choose(() => act.edit(item))}>
                Edit
              </button>
              <button type="button" onClick={choose(() => act.remove(item))}>
                Delete
              </button>
            </>
          )}
        </fieldset>
      )}
    </div>
  );
};

const Meta = ({ item, act }: Omit<Props, "me">) => {
  const { mine, state, at, error, edited } = item;
  if (state === "failed") {
    return (
      <div class="meta failed" role="alert">
        <Icon name="alert" />
        <span>{error?.message ?? "Not sent"}</span>
        <button type="button" class="link" onClick={() => act.retry(item)}>
          Send again
        </button>
        <button type="button" class="link" onClick={() => act.discard(item)}>
          Discard
        </button>
      </div>
    );
  }
  if (!item.last && state !== "sending" && !edited) return null;
  return (
    <div class="meta">
      {edited && <span>edited</span>}
      {item.last && (
        <time dateTime={at} title={exactTimeOf(at)}>
          {timeOf(at)}
        </time>
      )}
      {mine && !item.deleted && (
        <span class="state" data-state={state}>
          <Icon name={states[state].icon} />
          <span>{states[state].text}</span>
        </span>
      )}
    </div>
  );
};

const same = (a: MessageItem, b: MessageItem) =>
  (Object.keys(b) as (keyof MessageItem)[]).every(
    (key) => a[key] === b[key] || JSON.stringify(a[key]) === JSON.stringify(b[key]),
  );

/** One bubble. Drawn anew only when something about it changed: a long conversation holds thousands. */
export class Message extends Component<Props> {
  override shouldComponentUpdate({ item, me }: Props): boolean {
    return me?.id !== this.props.me?.id || !same(item, this.props.item);
  }

  render({ item, act, me }: Props) {
    const { mine, first, last, author, body, deleted, replyTo, seq } = item;
    const name = mine ? "You" : (author.name ?? "Agent");
    return (
      <article
        class="message"
        data-mine={mine}
        data-first={first}
        data-state={item.state}
        aria-label={`Message by ${name}, ${timeOf(item.at)}`}
      >
        {!mine && <div class="gutter">{last && <Face name={name} />}</div>}
        <div class="stack">
          {first && (
            <span class={mine ? "hidden" : "name"} dir="auto">
              {name}
            </span>
          )}
          <div class="line-up">
            <div class="bubble" data-deleted={deleted}>
              {replyTo && (
                <blockquote>
                  {replyTo.name && <b dir="auto">{replyTo.name}</b>}
                  <span dir="auto">{replyTo.body}</span>
                </blockquote>
              )}
              {deleted ? (
                "This message was deleted"
              ) : (
                <div dir="auto">
                  <Body text={body ?? ""} />
                </div>
              )}
            </div>
            {seq !== undefined && !deleted && <Actions item={item} act={act} me={me} />}
          </div>
          {item.reactions.length > 0 && <Reactions item={item} act={act} me={me} />}
          <Meta item={item} act={act} />
        </div>
      </article>
    );
  }
}
