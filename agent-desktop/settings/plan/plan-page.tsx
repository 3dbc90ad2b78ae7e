import { Alert, Badge, Progress, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { fullWhen } from "../../list/when.ts";
import { ask } from "../../session/ask.ts";
import type { Answer } from "../../session/rest.ts";
import { useLoaded } from "../../session/use-loaded.ts";
import { useRouteObstacle } from "../own.ts";
import { Part, Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import classes from "../settings.module.css";
import { PlanChoice } from "./plan-choice.tsx";
import { PlanHistory } from "./plan-history.tsx";
import { limitNames, mostText, shareOf, statusNames, usedText } from "./words.ts";

type Usage = Answer<"usage/get">["usage"];
type Subscription = Answer<"plan/get">["subscription"];

const Use = ({ limit, current, most }: Usage["limits"][number]) => {
  const share = shareOf(current, most);
  const color = share === null || share < 80 ? "harbor" : share < 100 ? "yellow" : "red";
  return (
    <div>
      <Text size="sm" fw={600}>
        {limitNames[limit]}
      </Text>
      <Text size="sm" c="var(--ink-soft)">
        {usedText(current, most)}
      </Text>
      {share !== null && (
        <Progress value={share} color={color} size="sm" mt={4} aria-label={`${limitNames[limit]}: ${share} percent`} />
      )}
    </div>
  );
};

const Standing = ({ subscription }: { subscription: Subscription }) => (
  <Stack gap="sm">
    {subscription.status === "trialing" && subscription.trialEndsAt && (
      <Alert color="yellow" title="You are trying Parley">
        Until {fullWhen(subscription.trialEndsAt)}. After that it goes on as Basic, unless you choose a plan.
      </Alert>
    )}
    {subscription.over.length > 0 && (
      <Alert color="red" title="More stands than the plan allows">
        Nothing is taken away, but nothing is added until it fits again:
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
      about="What this workspace may hold, and how much of that it does."
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
                {limits.map((one) => (
                  <Use key={one.limit} {...one} />
                ))}
              </div>
              <Text size="xs" c="var(--ink-soft)" mt="sm">
                Conversations count from anew {fullWhen(resetsAt)}.
              </Text>
            </>
          )}
        </Shown>
      </Part>
      {subscription && <PlanChoice current={subscription.plan} obstacle={cannotChange} onChanged={changed} />}
      <PlanHistory key={changes} />
    </Section>
  );
};
