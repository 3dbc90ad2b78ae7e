import { Select, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import {
  canBecome,
  planNames,
  planOf,
  subscriptionStatuses,
  trialDays,
  type PlanName,
  type SubscriptionStatus,
} from "../../server/contract/plans.ts";
import type { PlatformTenant } from "../../server/contract/platform-routes.ts";
import { ask } from "../session/ask.ts";
import { useRouteObstacle } from "../settings/own.ts";
import { FormDialog } from "../settings/parts/form-dialog.tsx";
import { statusNames } from "../settings/plan/words.ts";
import { tell } from "../shell/notices.ts";
import { dayOf, endOfDay, planChoices } from "./words.ts";

type Props = {
  workspace: PlatformTenant;
  onClose: () => void;
  onDone: (workspace: PlatformTenant) => void;
  onRefused: () => void;
};

const smallest = planNames[0];
const choicesAfter = (before: SubscriptionStatus) =>
  subscriptionStatuses
    .filter((status) => canBecome(before, status))
    .map((status) => ({ value: status, label: statusNames[status] }));
const inDays = (days: number) => dayOf(new Date(Date.now() + days * 24 * 60 * 60 * 1000));

/** Sets a workspace's plan and the state of its subscription, as sold. */
export const PlanDialog = ({ workspace, onClose, onDone, onRefused }: Props) => {
  const { id, name, trialEndsAt } = workspace;
  const obstacle = useRouteObstacle("platform-tenant/set-plan");
  const [chosen, setPlan] = useState<PlanName>(workspace.plan);
  const [status, setStatus] = useState<SubscriptionStatus>(workspace.subscriptionStatus);
  const before = trialEndsAt === null ? null : dayOf(new Date(trialEndsAt));
  const [trialEnd, setTrialEnd] = useState(before ?? inDays(trialDays));
  const [reason, setReason] = useState("");
  const canceled = status === "canceled";
  const plan = canceled ? smallest : chosen;
  const submit = async () => {
    const ends = status === "trialing" && trialEnd !== before && { trialEndsAt: endOfDay(trialEnd) };
    const said = reason.trim() !== "" && { reason };
    const body = { plan, status, ...ends, ...said };
    const { tenant } = await ask("platform-tenant/set-plan", { params: { tenantId: id }, body });
    tell("success", `${name} is on ${planOf(tenant.plan).name} now`);
    onDone(tenant);
  };
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={`Plan of ${name}`}
      submit="Set the plan"
      obstacle={obstacle}
      onSubmit={submit}
      onRefused={onRefused}
    >
      <Text size="sm">
        It takes effect at once. A smaller plan removes nothing, but nothing can be added beyond its limits.
      </Text>
      <Select
        label="Plan"
        description={canceled ? `A canceled subscription is on ${planOf(smallest).name}.` : undefined}
        disabled={canceled}
        data={planChoices}
        value={plan}
        allowDeselect={false}
        onChange={(value) => value && setPlan(value)}
      />
      <Select
        label="Subscription"
        data={choicesAfter(workspace.subscriptionStatus)}
        value={status}
        allowDeselect={false}
        onChange={(value) => value && setStatus(value)}
      />
      {status === "trialing" && (
        <TextInput
          label="The trial ends after"
          type="date"
          required
          withAsterisk={false}
          min={inDays(0)}
          value={trialEnd}
          onChange={(event) => setTrialEnd(event.currentTarget.value)}
        />
      )}
      <TextInput
        label="Reason (optional)"
        description="It is shown in the history of their plan."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
};
