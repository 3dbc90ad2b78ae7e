import { Text } from "@mantine/core";
import { planOf } from "../../../server/contract/plans.ts";
import { fullWhen } from "../../list/when.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { MoreButton } from "../parts/more-button.tsx";
import { Part } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { statusNames } from "./words.ts";

const title = ({ plan, previousPlan, status, previousStatus }: RowOf<"subscription-event/list">): string => {
  const to = planOf(plan).name;
  if (previousPlan === null) return `Began on ${to}`;
  if (previousPlan !== plan) return `From ${planOf(previousPlan).name} to ${to}`;
  return previousStatus === status ? to : `${to}: ${statusNames[status].toLowerCase()}`;
};

/** Every change of the plan and the subscription. */
export const PlanHistory = () => {
  const pages = usePages("subscription-event/list", {});
  return (
    <Part title="What happened">
      <Shown of={pages} data={pages.rows} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm" c="var(--ink-soft)">
              Nothing yet.
            </Text>
          ) : (
            <ul className={classes["rows"]} aria-label="Changes of the plan">
              {rows.map((event) => (
                <li key={event.id} className={classes["row"]}>
                  <div>
                    <span className={classes["name"]}>{title(event)}</span>
                    {event.reason && <span className={classes["faint"]}>{event.reason}</span>}
                  </div>
                  <span className={classes["faint"]}>{fullWhen(event.createdAt)}</span>
                  <span />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
    </Part>
  );
};
