/** @jsxImportSource preact */
import { Component, createRef } from "preact";
import { isBlank } from "../../server/contract/text.ts";
import { bodyCharacters, bodyProblem, countCharacters } from "../core/body.ts";
import { isComposing } from "../core/composition.ts";
import { Icon } from "./icons.tsx";
import type { Storage } from "./storage.ts";

/** The message a new one replies to, or the one that is being changed. */
export type About = { edit: boolean; seq: number; body: string };

type Props = {
  storage: Storage;
  draftName: string;
  about: About | undefined;
  /** The words of the message replied to, as they stand now. */
  quoted: string | undefined;
  placeholder: string;
  /** Why nothing can be written now. */
  blocked: string | undefined;
  /** Begins with the focus. */
  focus: boolean;
  onSend: (body: string) => void;
  onCancel: () => void;
  onTyping: (typing: boolean) => void;
};

/** The counter shows when so many characters are left. */
const nearLimit = 500;
const typingPauseMs = 3000;

export class Composer extends Component<Props, { body: string }> {
  readonly #field = createRef<HTMLTextAreaElement>();
  #pause: ReturnType<typeof setTimeout> | undefined;

  override state = { body: this.props.about?.edit ? this.props.about.body : this.draft };

  get draft(): string {
    return this.props.storage.get(this.props.draftName) ?? "";
  }

  get editing(): boolean {
    return this.props.about?.edit ?? false;
  }

  override componentDidMount(): void {
    this.fit();
    if (this.props.focus) this.#field.current!.focus();
  }

  override componentDidUpdate({ about }: Props): void {
    this.fit();
    if (this.props.about && this.props.about !== about) this.#field.current!.focus();
  }

  override componentWillUnmount(): void {
    clearTimeout(this.#pause);
  }

  /** As high as its text, up to what the style sheet allows. */
  fit(): void {
    const field = this.#field.current!;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  change = (body: string): void => {
    const { storage, draftName, onTyping } = this.props;
    this.setState({ body });
    clearTimeout(this.#pause);
    if (this.editing) return;
    if (body === "") storage.remove(draftName);
    else storage.set(draftName, body);
    onTyping(!isBlank(body));
    if (body !== "") this.#pause = setTimeout(() => onTyping(false), typingPauseMs);
  };

  send = (): void => {
    const { storage, draftName, blocked, onSend } = this.props;
    const body = this.state.body.trim();
    if (isBlank(body) || blocked || bodyProblem(body)) return;
    clearTimeout(this.#pause);
    if (!this.editing) storage.remove(draftName);
    this.setState({ body: "" });
    onSend(body);
    this.#field.current?.focus();
  };

  onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.props.about) {
      event.preventDefault();
      event.stopPropagation();
      this.props.onCancel();
    }
  };

  render({ about, quoted, placeholder, blocked, onCancel, onTyping }: Props, { body }: { body: string }) {
    const { editing } = this;
    const trimmed = body.trim();
    const left = bodyCharacters - countCharacters(body);
    const empty = isBlank(body);
    const problem = empty ? undefined : bodyProblem(trimmed);
    return (
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          this.send();
        }}
      >
        {about && (
          <div class="about-message">
            <span class="what">{editing ? "Editing your message" : "Replying to"}</span>
            {!editing && (
              <span class="quoted" dir="auto">
                {quoted}
              </span>
            )}
            <button type="button" class="plain" aria-label="Cancel" onClick={onCancel}>
              <Icon name="close" />
            </button>
          </div>
        )}
        <div class="field">
          <textarea
            ref={this.#field}
            rows={1}
            dir="auto"
            value={body}
            placeholder={placeholder}
            aria-label="Message"
            aria-invalid={problem !== undefined}
            enterkeyhint="send"
            disabled={blocked !== undefined}
            onInput={(event) => this.change(event.currentTarget.value)}
            onKeyDown={this.onKeyDown}
            onBlur={() => onTyping(false)}
          />
          <button
            type="submit"
            class="send"
            aria-label={editing ? "Save" : "Send"}
            disabled={empty || problem !== undefined || blocked !== undefined}
          >
            <Icon name={editing ? "check" : "send"} />
          </button>
        </div>
        {(left < nearLimit || problem) && (
          <output class="counter" data-over={problem !== undefined}>
            {left < 0 ? `${-left} characters too many` : (problem?.message ?? `${left} characters left`)}
          </output>
        )}
        {blocked && <p class="counter">{blocked}</p>}
      </form>
    );
  }
}
