import { MultiSelect, Select } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { useClientState } from "../../session/client-context.tsx";
import { EmailField } from "../../session/email-field.tsx";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import type { RowOf } from "../parts/ask-page.ts";
import { roleChoices } from "./edit-member.tsx";

type Props = {
  opened: boolean;
  roles: RowOf<"role/list">[];
  /** Null while they are on their way: who is invited meanwhile would be in none. */
  departments: RowOf<"department/list">[] | null;
  onClose: () => void;
  onDone: () => void;
};

const builtInAgent = { key: "agent", name: "Agent" };

/** Invites somebody by mail, into a role and departments. */
export const InviteDialog = ({ opened, roles, departments: known, onClose, onDone }: Props) => {
  const departments = known ?? [];
  const held = useClientState((state) => state.session.permissions);
  const cannot = useRouteObstacle("invitation/create");
  const obstacle = cannot ?? (known === null ? "The departments are still loading" : null);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("agent");
  // Nobody is given anything outside of a department: until chosen otherwise, the inviter's own.
  const [chosen, setChosen] = useState<string[] | null>(null);
  const own = useClientState((state) => state.session.departments);
  const usual = departments.find(({ id }) => own.some((one) => one.id === id)) ?? departments[0];
  const departmentIds = chosen ?? (usual ? [usual.id] : []);
  const submit = async () => {
    await ask("invitation/create", { body: { email: email.trim(), role, departmentIds } });
    tell("success", `An invitation is on its way to ${email.trim()}`);
    setEmail("");
    setChosen(null);
    onDone();
  };
  return (
    <FormDialog
      opened={opened}
      onClose={onClose}
      title="Invite somebody"
      submit="Send the invitation"
      obstacle={obstacle}
      onSubmit={submit}
    >
      <EmailField data-autofocus value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
      <Select
        label="Role"
        data={roleChoices(roles, held, roles.length === 0 ? builtInAgent : undefined)}
        value={role}
        allowDeselect={false}
        onChange={(value) => setRole(value ?? "agent")}
      />
      <MultiSelect
        label="Departments"
        description={
          departmentIds.length === 0
            ? "Without a department no conversations come to them, and agents see none."
            : "Conversations of these come to them."
        }
        data={departments.map(({ id, name }) => ({ value: id, label: name }))}
        value={departmentIds}
        searchable
        onChange={setChosen}
      />
    </FormDialog>
  );
};
