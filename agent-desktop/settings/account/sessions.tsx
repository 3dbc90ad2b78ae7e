import { Badge, Group, Text } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { fullWhen } from "../../list/when.ts";
import { ask, sentenceOf } from "../../session/ask.ts";
import { sessionIsOver } from "../../session/session-store.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { MoreButton } from "../parts/more-button.tsx";
import { Part } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { deviceText } from "./device-text.ts";

type Session = RowOf<"auth/sessions">;

const Row = ({ session, onEnd }: { session: Session; onEnd: () => void }) => {
  const obstacle = useRouteObstacle("auth/sessions/revoke");
  const { device, address, tenant, current, lastUsedAt, impersonator } = session;
  const name = deviceText(device);
  const Icon = /android|iphone|ipad|mobile/iu.test(device ?? "") ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes["row"]}>
      <div className={classes["what"]}>
        <Icon size={22} aria-hidden />
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>{name}</span>
          <span className={classes["faint"]}>
            {tenant.name}
            {address && ` · ${address}`} · {current ? "in use now" : `last used ${fullWhen(lastUsedAt)}`}
            {impersonator && ` · ${impersonator.name} of Parley's staff`}
          </span>
        </div>
      </div>
      <div className={classes["marks"]}>
        {current && (
          <Badge variant="light" tt="none">
            This one
          </Badge>
        )}
      </div>
      {current ? (
        <span />
      ) : (
        <GuardedButton
          size="compact-xs"
          variant="light"
          color="red"
          aria-label={`End ${name}`}
          obstacle={obstacle}
          onClick={onEnd}
        >
          End it
        </GuardedButton>
      )}
    </li>
  );
};

const title = "Where you are signed in";

const Own = () => {
  const pages = usePages("auth/sessions", {});
  const cannotEndOthers = useRouteObstacle("auth/sessions/revoke-others");
  const cannotEndAll = useRouteObstacle("auth/logout-everywhere");
  const act = async (work: () => Promise<unknown>, told: string) => {
    try {
      await work();
      if (told) tell("success", told);
    } catch (error) {
      tell("error", sentenceOf(error));
    }
    pages.reload();
  };
  const endAll = async () => {
    try {
      await ask("auth/logout-everywhere", {});
      sessionIsOver("You are signed out everywhere.");
    } catch (error) {
      tell("error", sentenceOf(error));
    }
  };
  return (
    <Part
      title={title}
      actions={
        <Group gap="xs">
          <GuardedButton
            size="xs"
            variant="default"
            obstacle={cannotEndOthers}
            onClick={() => void act(() => ask("auth/sessions/revoke-others", {}), "You are signed in here only")}
          >
            End all others
          </GuardedButton>
          <GuardedButton size="xs" variant="light" color="red" obstacle={cannotEndAll} onClick={() => void endAll()}>
            Sign out everywhere
          </GuardedButton>
        </Group>
      }
    >
      <Shown of={pages} data={pages.rows} rows={2}>
        {(rows) => (
          <ul className={classes["rows"]} aria-label="Sessions">
            {rows.map((session) => (
              <Row
                key={session.id}
                session={session}
                onEnd={() =>
                  void act(
                    () => ask("auth/sessions/revoke", { params: { sessionId: session.id } }),
                    "The session has ended",
                  )
                }
              />
            ))}
          </ul>
        )}
      </Shown>
      <MoreButton pages={pages} />
    </Part>
  );
};

/** Where one is signed in, and the way to end that. Who acts in one's place is not shown it. */
export const Sessions = () => {
  const obstacle = useRouteObstacle("auth/sessions");
  if (obstacle === null) return <Own />;
  return (
    <Part title={title}>
      <Text size="sm">{obstacle}.</Text>
    </Part>
  );
};
