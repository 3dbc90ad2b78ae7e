import { MultiSelect, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { useClientState } from "../../session/client-context.tsx";
import { useRouteObstacle } from "../own.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import type { RowOf } from "../parts/ask-page.ts";
import { rowsOf, SkillsField, skillsOf } from "./skills-field.tsx";

type Agent = RowOf<"agent/list">;
type Props = {
  agent: Agent | null;
  roles: RowOf<"role/list">[];
  departments: RowOf<"department/list">[];
  onClose: () => void;
  onDone: (agent: Agent) => void;
  onRefused: () => void;
};

/** The roles that can be given: nobody gives what they don't hold. The one held stays choosable. */
export const roleChoices = (
  roles: RowOf<"role/list">[],
  held: readonly string[],
  current?: { key: string; name: string },
) => {
  const known = roles.map(({ key, name, permissions }) => ({
    value: key,
    label: name,
    disabled: key !== current?.key && !permissions.every((one) => held.includes(one)),
  }));
  return current && !known.some(({ value }) => value === current.key)
    ? [{ value: current.key, label: current.name, disabled: false }, ...known]
    : known;
};

/** Role, departments, capacity and skills of a member. Only what was changed is sent. */
export const EditMember = ({ agent, roles, departments, onClose, onDone, onRefused }: Props) => {
  const held = useClientState((state) => state.session.permissions);
  const obstacle = useRouteObstacle("agent/update");
  const [role, setRole] = useState(agent?.role ?? "");
  const [capacity, setCapacity] = useState<number | string>(agent?.capacity ?? 0);
  const [departmentIds, setDepartmentIds] = useState(agent?.departments.map(({ id }) => id) ?? []);
  const [skills, setSkills] = useState(() => rowsOf(agent?.skills ?? {}));
  if (!agent) return null;

  const submit = async () => {
    const newSkills = skillsOf(skills);
    const before = agent.departments.map(({ id }) => id);
    const moved = departmentIds.length !== before.length || departmentIds.some((id) => !before.includes(id));
    const body = {
      ...(role !== agent.role && { role }),
      ...(Number(capacity) !== agent.capacity && { capacity: Number(capacity) }),
      ...(moved && { departmentIds }),
      ...(JSON.stringify(newSkills) !== JSON.stringify(agent.skills) && { skills: newSkills }),
    };
    if (Object.keys(body).length === 0) return;
    onDone((await ask("agent/update", { params: { agentId: agent.id }, body })).agent);
  };

  return (
    <FormDialog
      opened
      onClose={onClose}
      title={`Change ${agent.name}`}
      submit="Save"
      obstacle={obstacle}
      onSubmit={submit}
      onRefused={onRefused}
    >
      <Select
        label="Role"
        description="You can give only what you hold yourself."
        data={roleChoices(roles, held, { key: agent.role, name: agent.roleName })}
        value={role}
        allowDeselect={false}
        onChange={(value) => setRole(value ?? agent.role)}
      />
      <MultiSelect
        label="Departments"
        data={departments.map(({ id, name }) => ({ value: id, label: name }))}
        value={departmentIds}
        searchable
        onChange={setDepartmentIds}
      />
      <NumberInput
        label="Capacity"
        description="The most open conversations they are given at a time."
        min={0}
        max={10_000}
        clampBehavior="strict"
        value={capacity}
        onChange={setCapacity}
      />
      <SkillsField rows={skills} onChange={setSkills} />
    </FormDialog>
  );
};
