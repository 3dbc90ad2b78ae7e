import { Alert, Badge, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { offeredLimits } from "../../../server/contract/plans.ts";
import { fullWhen } from "../../list/when.ts";
import { ask } from "../../session/ask.ts";
import type { Answer } from "../../session/rest.ts";
import { useLoaded } from "../../session/use-loaded.ts";
import { useRouteObstacle } from "../own.ts";
import { Part, Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import classes from "../settings.module.css";
import { LimitUse } from "./limit-use.tsx";
import { PlanChoice } from "./plan-choice.tsx";
import { PlanHistory } from "./plan-history.tsx";
import { limitNames, mostText, statusNames } from "./words.ts";

type Subscription = Answer<"plan/get">["subscription"];

const Standing = ({ subscription }: { subscription: Subscription }) => (
  <Stack gap="sm">
    {subscription.status === "trialing" && subscription.trialEndsAt && (
      <Alert color="yellow" title="You are trying Parley">
        Until {fullWhen(subscription.trialEndsAt)}. After that the workspace continues on Basic, unless you keep this
        plan or choose another below.
      </Alert>
    )}
    {subscription.over.length > 0 && (
      <Alert color="red" title="You are over your plan's limits">
        Nothing is removed, but nothing can be added until you are within them again:
        <ul style={{ margin: "6px 0 0", paddingInlineStart: 20 }}>
          {subscription.over.map(({ limit, current, most }) => (
            <li key={limit}>
              {limitNames[limit]}: {current}, allowed: {mostText(most)}
            </li>
          ))}
        </ul>
      </Alert>
    )}
  </Stack>
);

/** What the workspace has, what it uses of it, and what else there is. */
export const PlanPage = () => {
  const plan = useLoaded((signal) => ask("plan/get", {}, signal));
  const usage = useLoaded((signal) => ask("usage/get", {}, signal));
  const [changes, setChanges] = useState(0);
  const cannotChange = useRouteObstacle("plan/update");
  const changed = (subscription: Subscription) => {
    plan.put(() => ({ subscription }));
    usage.reload();
    setChanges(changes + 1);
  };
  const subscription = plan.data?.subscription;
  return (
    <Section
      title="Plan and usage"
      about="What your plan includes, and how much of it you use."
      actions={
        subscription && (
          <Badge size="lg" variant="light" tt="none">
            {statusNames[subscription.status]}
          </Badge>
        )
      }
    >
      <Shown of={plan} data={subscription} rows={1}>
        {(known) => <Standing subscription={known} />}
      </Shown>
      <div style={{ height: 16 }} />
      <Part title="Usage">
        <Shown of={usage} data={usage.data?.usage} rows={2}>
          {({ limits, resetsAt }) => (
            <>
              <div className={classes["grid"]}>
                {limits
                  .filter(({ limit }) => offeredLimits.includes(limit))
                  .map((one) => (
                    <LimitUse key={one.limit} {...one} />
                  ))}
              </div>
              <Text size="xs" c="var(--ink-soft)" mt="sm">
                The conversation count starts again on {fullWhen(resetsAt)}.
              </Text>
            </>
          )}
        </Shown>
      </Part>
      {subscription && (
        <PlanChoice
          current={subscription.plan}
          trying={subscription.status === "trialing"}
          obstacle={cannotChange}
          onChanged={changed}
        />
      )}
      <PlanHistory key={changes} />
    </Section>
  );
};
