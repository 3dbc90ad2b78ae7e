import { Checkbox, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { permissions as all, tenantPermissions, type Permission } from "../../../server/contract/permissions.ts";
import { ask } from "../../session/ask.ts";
import { useClientState } from "../../session/client-context.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import type { RowOf } from "../parts/ask-page.ts";
import { NameField } from "../parts/name-field.tsx";
import { groupPermissions } from "./groups.ts";

type Props = {
  role: RowOf<"role/list"> | null;
  /** Why it can't be changed: then it is only looked at. */
  obstacle: string | null;
  onClose: () => void;
  onDone: () => void;
};

/** Makes a role out of permissions, or changes one. Nobody grants what they don't hold. */
export const RoleDialog = ({ role, obstacle, onClose, onDone }: Props) => {
  const held = useClientState((state) => state.session.permissions);
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.permissions));
  const fixed = obstacle !== null;

  const toggle = (permission: Permission, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(permission);
    else next.delete(permission);
    setChosen(next);
  };
  const submit = async () => {
    const permissions = tenantPermissions.filter((one) => chosen.has(one));
    const body = { name, description: description.trim() || null, permissions };
    if (role) await ask("role/update", { params: { roleKey: role.key }, body });
    else await ask("role/create", { body });
    onDone();
  };

  return (
    <FormDialog
      opened
      size="lg"
      onClose={onClose}
      title={role ? role.name : "New role"}
      submit={role ? "Save" : "Create"}
      obstacle={obstacle}
      onSubmit={submit}
      onRefused={onDone}
    >
      <NameField readOnly={fixed} data-autofocus value={name} onChange={setName} />
      <Textarea
        label="What it is for (optional)"
        autosize
        maxLength={300}
        readOnly={fixed}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {groupPermissions(tenantPermissions).map(({ title, permissions }) => (
        <Stack key={title} gap={7} component="fieldset" style={{ border: 0, padding: 0, margin: 0 }}>
          <Text component="legend" size="sm" fw={650} mb={4}>
            {title}
          </Text>
          {permissions.map((permission) => {
            const mine = held.includes(permission);
            return (
              <Checkbox
                key={permission}
                label={all[permission]}
                description={mine || fixed ? undefined : "You don't have this yourself"}
                checked={chosen.has(permission)}
                // What one does not hold can be taken away, not given.
                disabled={fixed || (!mine && !chosen.has(permission))}
                onChange={(event) => toggle(permission, event.currentTarget.checked)}
              />
            );
          })}
        </Stack>
      ))}
    </FormDialog>
  );
};
