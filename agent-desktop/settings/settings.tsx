import { Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { Suspense, useEffect, type MouseEvent } from "react";
import { useSeesWorkspaces } from "../platform/use-landing.ts";
import { goTo, settingsPath, usePage } from "../session/page.ts";
import { useClientState } from "../session/client-context.tsx";
import { useLoaded } from "../session/use-loaded.ts";
import { leaveSettings, useUi } from "../shell/ui-store.ts";
import { loadOwn, obstacleOf, putOwn, useOwn } from "./own.ts";
import { Loading, NotYours } from "./parts/states.tsx";
import { platformSections, sections, type SectionInfo } from "./sections.ts";
import classes from "./settings.module.css";

const instead = (turn: () => void) => (event: MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  turn();
};

type EntryProps = { section: SectionInfo; current: boolean; obstacle: string | null };

const Entry = ({ section: { path, name, icon: Icon }, current, obstacle }: EntryProps) => (
  <Tooltip label={obstacle} disabled={obstacle === null} position="right">
    <a
      className={classes["link"]}
      href={`#/${settingsPath}/${path}`}
      aria-current={current ? "page" : undefined}
      data-faint={obstacle !== null || undefined}
      onClick={instead(() => goTo(`${settingsPath}/${path}`))}
    >
      <Icon size={17} aria-hidden /> {name}
      {obstacle && <VisuallyHidden>({obstacle})</VisuallyHidden>}
    </a>
  </Tooltip>
);

/** Everything that is set rather than answered. What the viewer's role does not show stays in the list, and says why. */
export const Settings = () => {
  const { path } = usePage();
  const [, name = "", ...rest] = path.split("/");
  const current = [...sections, ...platformSections].find((section) => section.path === name) ?? sections[0]!;
  const staff = useSeesWorkspaces();
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
  const obstacleTo = ({ reads }: SectionInfo) => (reads && known ? obstacleOf(reads, { held, me }) : null);
  const entry = (section: SectionInfo) => (
    <Entry key={section.path} section={section} current={section === current} obstacle={obstacleTo(section)} />
  );
  const reason = obstacleTo(current);
  return (
    <div className={classes["settings"]}>
      <nav className={classes["nav"]} aria-label="Settings">
        <a className={classes["link"]} href="#/" onClick={instead(leaveSettings)}>
          <IconArrowLeft size={17} aria-hidden /> Conversations
        </a>
        {staff && (
          <>
            <h2>Customers</h2>
            {platformSections.map(entry)}
          </>
        )}
        <h2>Settings</h2>
        {sections.map(entry)}
      </nav>
      <main className={classes["page"]} aria-label={current.name}>
        <div className={classes["inner"]}>
          {!known ? null : reason === null ? (
            <Suspense fallback={<Loading />}>
              <Page key={current.path} rest={rest.join("/")} />
            </Suspense>
          ) : (
            <NotYours reason={reason} />
          )}
        </div>
      </main>
    </div>
  );
};
