import { MultiSelect, NumberInput, Select, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import { numberOrNull } from "../parts/fields.ts";
import { NameField } from "../parts/name-field.tsx";
import { SaveForm } from "../parts/save-form.tsx";
import { Part } from "../parts/section.tsx";
import { useAll } from "../parts/use-all.ts";
import classes from "../settings.module.css";
import { ChoiceFields } from "./choice-fields.tsx";
import { changesOf, policyOf, type Department, type Policy } from "./policy.ts";
import { offlineChoices } from "./words.ts";

type FieldsProps = { policy: Policy; change: (to: Partial<Policy>) => void };

const Sharing = ({ policy, change }: FieldsProps) => (
  <Part title="Routing" about="A change takes effect at once, also for conversations that are already waiting.">
    <ChoiceFields choice={policy} change={change}>
      <div>
        <Switch
          label="Agents accept or decline"
          description="Otherwise conversations are assigned without asking."
          checked={policy.offerSeconds !== null}
          onChange={(event) => change({ offerSeconds: event.currentTarget.checked ? 30 : null })}
        />
        {policy.offerSeconds !== null && (
          <NumberInput
            mt="xs"
            label="Seconds to answer"
            min={1}
            max={3600}
            allowDecimal={false}
            value={policy.offerSeconds}
            onChange={(value) => change({ offerSeconds: Number(value) || 1 })}
          />
        )}
      </div>
    </ChoiceFields>
  </Part>
);

const Absence = ({ policy, change, self }: FieldsProps & { self: string }) => {
  const hours = useAll("business-hours/list", {});
  const departments = useAll("department/list", {});
  const others = (departments.data ?? []).filter(({ id }) => id !== self);
  return (
    <Part title="When nobody is there">
      <div className={classes["grid"]}>
        <Select
          label="Business hours"
          description="Made under “Business hours”."
          placeholder="Always open"
          clearable
          data={(hours.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={policy.businessHoursId}
          onChange={(businessHoursId) => change({ businessHoursId })}
        />
        <Select
          label="While it is closed"
          data={offlineChoices}
          value={policy.offlineBehaviour}
          allowDeselect={false}
          onChange={(value) => value && change({ offlineBehaviour: value })}
        />
        <Select
          label="Passed on to"
          placeholder="No other department"
          clearable
          data={others.map(({ id, name }) => ({ value: id, label: name }))}
          value={policy.fallbackDepartmentId}
          onChange={(fallbackDepartmentId) =>
            change({ fallbackDepartmentId, ...(!fallbackDepartmentId && { fallbackAfterSeconds: null }) })
          }
        />
        {policy.fallbackDepartmentId && (
          <NumberInput
            label="After how many seconds"
            description="Empty: only while this one is closed."
            min={1}
            max={604_800}
            allowDecimal={false}
            value={policy.fallbackAfterSeconds ?? ""}
            onChange={(value) => change({ fallbackAfterSeconds: numberOrNull(value) })}
          />
        )}
      </div>
    </Part>
  );
};

type Props = { department: Department; onSaved: (department: Department) => void; onRefused: () => void };

export const DepartmentForm = ({ department, onSaved, onRefused }: Props) => {
  const obstacle = useRouteObstacle("department/update");
  const cannotSeeAgents = useRouteObstacle("agent/list");
  const before = policyOf(department);
  const [policy, setPolicy] = useState(before);
  const agents = useAll("agent/list", { query: { status: "active" } }, cannotSeeAgents === null);
  const change = (to: Partial<Policy>) => setPolicy((held) => ({ ...held, ...to }));

  const save = async () => {
    const body = changesOf(before, policy);
    if (Object.keys(body).length === 0) return tell("info", "Nothing was changed");
    onSaved((await ask("department/update", { params: { departmentId: department.id }, body })).department);
    tell("success", "Saved");
  };

  // Somebody may belong to it without being in the first thousand.
  const people = new Map(department.members.map(({ id, name }) => [id, name]));
  for (const { id, name } of agents.data ?? []) people.set(id, name);
  return (
    <SaveForm
      wide
      obstacle={obstacle}
      onSave={save}
      onRefused={onRefused}
      extra={
        <Text size="xs" c="var(--ink-soft)">
          Policy {department.routingVersion}
        </Text>
      }
    >
      <Part title="Name and members">
        <NameField mb="sm" value={policy.name} onChange={(name) => change({ name })} />
        <MultiSelect
          label="Members"
          data={[...people].map(([value, label]) => ({ value, label }))}
          value={policy.memberIds}
          searchable
          onChange={(memberIds) => change({ memberIds })}
        />
      </Part>
      <Sharing policy={policy} change={change} />
      <Absence policy={policy} change={change} self={department.id} />
    </SaveForm>
  );
};
