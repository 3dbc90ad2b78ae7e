/** @jsxImportSource preact */
import { Component, createRef } from "preact";
import { trapFocus } from "./focus.ts";

type Props = { text: string; yes: string; onYes: () => void; onNo: () => void };

/** Asks before what can't be taken back. Focus starts at the harmless answer and returns to where it was. */
export class Confirm extends Component<Props> {
  readonly #box = createRef<HTMLDivElement>();
  #before: HTMLElement | null = null;

  override componentDidMount(): void {
    const box = this.#box.current!;
    this.#before = (box.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
    box.querySelector("button")?.focus();
    // Goes with the box.
    trapFocus(box, () => this.props.onNo());
  }

  override componentWillUnmount(): void {
    if (this.#before?.isConnected) this.#before.focus();
  }

  render({ text, yes, onYes, onNo }: Props) {
    return (
      <div class="confirm" role="alertdialog" aria-modal="true" aria-label={text} ref={this.#box}>
        <div class="card">
          <p>{text}</p>
          <div class="answers">
            <button type="button" class="secondary" onClick={onNo}>
              Cancel
            </button>
            <button type="button" class="primary danger" onClick={onYes}>
              {yes}
            </button>
          </div>
        </div>
      </div>
    );
  }
}
