import base from "./styles/base.css?inline";
import composer from "./styles/composer.css?inline";
import conversations from "./styles/conversations.css?inline";
import messages from "./styles/messages.css?inline";
import panel from "./styles/panel.css?inline";

/** The app's style sheet. The panel's comes last: it holds what changes on small screens and without motion. */
export const styles = [base, conversations, messages, composer, panel].join("");
