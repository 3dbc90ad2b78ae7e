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

const Entry = ({ section: { path, name, icon: Icon }, current }: { section: SectionInfo; current: boolean }) => (
  <a
    className={classes["link"]}
    href={`#/${settingsPath}/${path}`}
    aria-current={current ? "page" : undefined}
    onClick={instead(() => goTo(`${settingsPath}/${path}`))}
  >
    <Icon size={17} aria-hidden /> {name}
  </a>
);

/**
 * Everything that is set rather than answered. What the viewer's role does not show is not in the list; whoever comes to it
 * by its address is told why.
 */
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
  const entries = (all: SectionInfo[]) =>
    all
      .filter((section) => section.reads === null || (known && obstacleTo(section) === null))
      .map((section) => <Entry key={section.path} section={section} current={section === current} />);
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
            {entries(platformSections)}
          </>
        )}
        <h2>Settings</h2>
        {entries(sections)}
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
