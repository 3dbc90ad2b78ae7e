import { Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useEffect, type MouseEvent } from "react";
import { goTo, settingsPath, usePage } from "../session/page.ts";
import { useClientState } from "../session/client-context.tsx";
import { useLoaded } from "../session/use-loaded.ts";
import { leaveSettings, useUi } from "../shell/ui-store.ts";
import { loadOwn, obstacleOf, putOwn, useOwn } from "./own.ts";
import { NotYours } from "./parts/states.tsx";
import { sections } from "./sections.ts";
import classes from "./settings.module.css";

const instead = (turn: () => void) => (event: MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  turn();
};

/** Everything that is set rather than answered. What the viewer's role does not show stays in the list, and says why. */
export const Settings = () => {
  const { path } = usePage();
  const [, name = "", ...rest] = path.split("/");
  const current = sections.find((section) => section.path === name) ?? sections[0]!;
  const held = useClientState((state) => state.session.permissions);
  const me = useOwn((own) => own.me);
  const known = useClientState((state) => state.session.actor !== undefined);

  // Asked again with other rights. A failure is told by the page that needs it; here it only greys out.
  useLoaded(loadOwn, held.join(" "));
  useEffect(() => () => putOwn(null), []);
  useEffect(() => {
    useUi.setState({ section: current.name });
    // On a phone the list is a strip.
    document.querySelector(`.${classes["nav"]} [aria-current]`)?.scrollIntoView({ block: "nearest", inline: "center" });
    document.querySelector<HTMLElement>("[data-settings-title]")?.focus({ preventScroll: true });
    return () => useUi.setState({ section: null });
  }, [current.name]);

  const Page = current.page;
  const reason = current.reads && known ? obstacleOf(current.reads, { held, me }) : null;
  return (
    <div className={classes["settings"]}>
      <nav className={classes["nav"]} aria-label="Settings">
        <a className={classes["link"]} href="#/" onClick={instead(leaveSettings)}>
          <IconArrowLeft size={17} aria-hidden /> Conversations
        </a>
        <h2>Settings</h2>
        {sections.map(({ path: to, name: label, icon: Icon, reads }) => {
          const obstacle = reads && known ? obstacleOf(reads, { held, me }) : null;
          return (
            <Tooltip key={to} label={obstacle} disabled={obstacle === null} position="right">
              <a
                className={classes["link"]}
                href={`#/${settingsPath}/${to}`}
                aria-current={to === current.path ? "page" : undefined}
                data-faint={obstacle !== null || undefined}
                onClick={instead(() => goTo(`${settingsPath}/${to}`))}
              >
                <Icon size={17} aria-hidden /> {label}
                {obstacle && <VisuallyHidden>({obstacle})</VisuallyHidden>}
              </a>
            </Tooltip>
          );
        })}
      </nav>
      <main className={classes["page"]} aria-label={current.name}>
        <div className={classes["inner"]}>
          {!known ? null : reason === null ? (
            <Page key={current.path} rest={rest.join("/")} />
          ) : (
            <NotYours reason={reason} />
          )}
        </div>
      </main>
    </div>
  );
};
