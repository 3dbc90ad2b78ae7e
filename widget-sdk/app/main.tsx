/** @jsxImportSource preact */
import { render } from "preact";
import type { App as AppControls, Mount } from "../loader/parley.ts";
import { unreadOf } from "../core/view.ts";
import { App } from "./app.tsx";
import { Boundary } from "./boundary.tsx";
import { followConversations } from "./conversations.ts";
import { guardFocus } from "./page-focus.ts";
import { createSession } from "./session.ts";
import { styles } from "./styles.ts";
import { followViewport } from "./viewport.ts";

/** Puts the app beside the launcher, inside the same shadow root. Connects only once somebody opens it or waits for an answer. */
export const mount = ({ root, launcher, onUnread, ...options }: Mount): AppControls => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const container = document.createElement("div");
  container.className = "app";
  launcher.before(container);
  // What is typed here is no shortcut of the page around it.
  for (const type of ["keydown", "keyup", "keypress"])
    container.addEventListener(type, (event) => event.stopPropagation());

  guardFocus(root);
  followViewport(container);

  let open = false;
  /** Changes when somebody else begins: nothing that was on screen stays. */
  let visit = 0;
  const session = createSession(options, (closes) => {
    visit += 1;
    if (closes) controls.close();
    draw();
  });
  const { client, storage } = session;
  const list = followConversations(
    session,
    () => draw(),
    () => {
      visit += 1;
      draw();
    },
  );

  const draw = () => {
    launcher.ariaExpanded = `${open}`;
    render(
      <Boundary key={visit} open={open} say={options.say} onClose={controls.close}>
        <App session={session} list={list()} open={open} onClose={controls.close} />
      </Boundary>,
      container,
    );
  };

  const controls: AppControls = {
    open: () => {
      open = true;
      session.start();
      draw();
    },
    close: () => {
      const inside = container.contains(root.activeElement);
      open = false;
      draw();
      if (inside) launcher.focus();
    },
    toggle: () => (open ? controls.close() : controls.open()),
    identify: session.identify,
    shutdown: session.shutdown,
  };

  client.subscribe(() => {
    const state = client.getState();
    const known = Object.keys(state.conversations).length > 0;
    onUnread(known ? unreadOf(state) : state.session.unread);
  });
  if (storage.get("waits") !== undefined || storage.names().some((name) => name.startsWith("outbox:"))) session.start();
  draw();
  return controls;
};
