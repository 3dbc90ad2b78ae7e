import { Select } from "@mantine/core";
import { useState } from "react";
import type { Strategy } from "../../../server/contract/routing.ts";
import { ask } from "../../session/ask.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { NameField } from "../parts/name-field.tsx";
import { strategyChoices } from "./words.ts";

type Props = { opened: boolean; obstacle: string | null; onClose: () => void; onDone: (id: string) => void };

/** The little that a department needs to be there; the rest stands on its own page. */
export const CreateDepartment = ({ opened, obstacle, onClose, onDone }: Props) => {
  const [name, setName] = useState("");
  const [strategy, setStrategy] = useState<Strategy>("least_loaded");
  return (
    <FormDialog
      opened={opened}
      onClose={onClose}
      title="New department"
      submit="Create"
      obstacle={obstacle}
      onSubmit={async () => onDone((await ask("department/create", { body: { name, strategy } })).department.id)}
    >
      <NameField data-autofocus value={name} onChange={setName} />
      <Select
        label="Who gets the next conversation"
        data={strategyChoices}
        value={strategy}
        allowDeselect={false}
        onChange={(value) => setStrategy(value ?? strategy)}
      />
    </FormDialog>
  );
};
