import { Checkbox, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { permissions as all, tenantPermissions } from "../../../server/contract/permissions.ts";
import { ask } from "../../session/ask.ts";
import { useClientState } from "../../session/client-context.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";
import { NameField } from "../parts/name-field.tsx";
import { groupPermissions } from "../roles/groups.ts";

const lifetimes = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is revoked" },
];

const dayMs = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

type Props = { obstacle: string | null; onClose: () => void; onDone: (key: string) => void };

/** A key can do what its maker can, and of that only what is ticked. */
export const CreateKey = ({ obstacle, onClose, onDone }: Props) => {
  const held = useClientState((state) => state.session.permissions);
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const mine = tenantPermissions.filter((one) => held.includes(one));
  const submit = async () => {
    const permissions = mine.filter((one) => chosen.includes(one));
    const expiresAt = days ? daysFromNow(Number(days)) : null;
    onDone((await ask("api-key/create", { body: { name, permissions, expiresAt } })).key);
  };
  return (
    <FormDialog
      opened
      size="lg"
      onClose={onClose}
      title="New API key"
      submit="Create"
      obstacle={obstacle ?? (chosen.length === 0 ? "Choose what it may do" : null)}
      onSubmit={submit}
    >
      <NameField description="What will use it." data-autofocus value={name} onChange={setName} />
      <Select
        label="Valid for"
        data={lifetimes}
        value={days}
        allowDeselect={false}
        onChange={(value) => setDays(value ?? "")}
      />
      <Checkbox.Group
        value={[...chosen]}
        onChange={setChosen}
        label="It may"
        description="At most what you may do yourself."
      >
        <Stack gap="md" mt="xs">
          {groupPermissions(mine).map(({ title, permissions }) => (
            <Stack key={title} gap={7}>
              <Text size="sm" fw={650}>
                {title}
              </Text>
              {permissions.map((one) => (
                <Checkbox key={one} value={one} label={all[one]} />
              ))}
            </Stack>
          ))}
        </Stack>
      </Checkbox.Group>
    </FormDialog>
  );
};
