/** @jsxImportSource preact */
import { Component } from "preact";
import type { ComponentChildren } from "preact";
import type { Mount } from "../loader/parley.ts";

type Props = { open: boolean; say: Mount["say"]; onClose: () => void; children: ComponentChildren };

/** A panel that could not be drawn says so and can be drawn anew; what was written lies in the storage. */
export class Boundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  override componentDidCatch(error: unknown): void {
    this.props.say("the chat could not be shown.", error);
    this.setState({ broken: true });
  }

  render({ open, onClose, children }: Props, { broken }: { broken: boolean }) {
    if (!broken) return children;
    return (
      <dialog open class="panel" aria-label="Chat" data-open={open} inert={!open}>
        <p class="hint" role="alert">
          The chat could not be shown.{" "}
          <button type="button" class="link" onClick={() => this.setState({ broken: false })}>
            Try again
          </button>{" "}
          <button type="button" class="link" onClick={onClose}>
            Close
          </button>
        </p>
      </dialog>
    );
  }
}
