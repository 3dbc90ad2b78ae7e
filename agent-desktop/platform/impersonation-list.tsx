import { Badge, Text } from "@mantine/core";
import type { Impersonation } from "../../server/contract/platform-routes.ts";
import { Face } from "../list/face.tsx";
import { clockText, fullWhen } from "../list/when.ts";
import { ask, sentenceOf } from "../session/ask.ts";
import { useRouteObstacle } from "../settings/own.ts";
import { MoreButton } from "../settings/parts/more-button.tsx";
import { Shown } from "../settings/parts/states.tsx";
import { usePages } from "../settings/parts/use-pages.ts";
import classes from "../settings/settings.module.css";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { tell } from "../shell/notices.ts";
import { useNow } from "../shell/now.ts";
import { useEnds } from "./act.ts";
import { workspacePath } from "./paths.ts";

type RowProps = { of: Impersonation; named: boolean; onEnd: () => void };

const Row = ({ of, named, onEnd }: RowProps) => {
  const obstacle = useRouteObstacle("impersonation/end");
  const now = useNow();
  const { tenant, user, impersonator, reason, readOnly, startedAt, expiresAt, endedAt } = of;
  const running = endedAt === null && Date.parse(expiresAt) > now;
  const end = endedAt ?? expiresAt;
  return (
    <li className={classes["row"]} data-faint={!running || undefined}>
      <div className={classes["what"]}>
        <Face name={impersonator.name} size={34} />
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>
            {impersonator.name} as {user.name}
          </span>
          <span className={classes["faint"]}>
            {named && (
              <>
                <a href={`#/${workspacePath(tenant.id)}`} style={{ color: "inherit" }}>
                  {tenant.name}
                </a>
                {" · "}
              </>
            )}
            {fullWhen(startedAt)} {running ? "until" : "to"} <time dateTime={end}>{clockText(end)}</time>
          </span>
          <span className={classes["faint"]}>{reason}</span>
        </div>
      </div>
      <div className={classes["marks"]}>
        <Badge variant="default" tt="none">
          {readOnly ? "Read only" : "May change things"}
        </Badge>
        {running && (
          <Badge c="var(--warn)" bg="var(--warn-surface)" tt="none">
            In progress
          </Badge>
        )}
      </div>
      {running ? (
        <GuardedButton
          size="compact-xs"
          variant="light"
          color="red"
          aria-label={`End ${impersonator.name} as ${user.name}`}
          obstacle={obstacle}
          onClick={onEnd}
        >
          End
        </GuardedButton>
      ) : (
        <span />
      )}
    </li>
  );
};

type Props = { tenantId?: string; active?: boolean };

const List = ({ tenantId, active = false }: Props) => {
  const pages = usePages("impersonation/list", {
    query: { ...(tenantId !== undefined && { tenantId }), ...(active && { active: "true" as const }) },
  });
  const end = async ({ id }: Impersonation) => {
    try {
      const { impersonation } = await ask("impersonation/end", { params: { impersonationId: id } });
      pages.put((rows) => rows.map((row) => (row.id === id ? impersonation : row)));
    } catch (error) {
      tell("error", sentenceOf(error));
      pages.reload();
    }
  };
  return (
    <>
      <Shown of={pages} data={pages.rows} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm" c="var(--ink-soft)">
              {active ? "Nobody acts as a member right now." : "Nobody has acted as a member yet."}
            </Text>
          ) : (
            <ul className={classes["rows"]} aria-label="Impersonations, the latest first">
              {rows.map((one) => (
                <Row key={one.id} of={one} named={tenantId === undefined} onEnd={() => void end(one)} />
              ))}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
    </>
  );
};

/** Who acted as whom and why, the latest first: everywhere, or in one workspace. What is under way can be ended here. */
export const ImpersonationList = (props: Props) => <List key={useEnds((ends) => ends.count)} {...props} />;
