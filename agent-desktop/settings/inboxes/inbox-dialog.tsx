import { Select, Textarea } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { lines, namingEntry } from "../parts/fields.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { NameField } from "../parts/name-field.tsx";

type Props = {
  inbox: RowOf<"inbox/list"> | null;
  departments: RowOf<"department/list">[];
  obstacle: string | null;
  onClose: () => void;
  /** With the first identity secret of a new one, which is shown this once. */
  onDone: (secret: string | null) => void;
};

/** Makes an inbox, or changes one. */
export const InboxDialog = ({ inbox, departments, obstacle, onClose, onDone }: Props) => {
  const [name, setName] = useState(inbox?.name ?? "");
  const [departmentId, setDepartmentId] = useState(inbox?.departmentId ?? null);
  const [origins, setOrigins] = useState(inbox?.allowedOrigins.join("\n") ?? "");
  const submit = async () => {
    const allowedOrigins = lines(origins);
    const body = { name, departmentId, allowedOrigins };
    const secret = await namingEntry("allowedOrigins", allowedOrigins, async () => {
      if (!inbox) return (await ask("inbox/create", { body })).identitySecret.secret;
      await ask("inbox/update", { params: { inboxId: inbox.id }, body });
      return null;
    });
    onDone(secret);
  };
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={inbox ? inbox.name : "New inbox"}
      submit={inbox ? "Save" : "Create"}
      obstacle={obstacle}
      onSubmit={submit}
    >
      <NameField data-autofocus value={name} onChange={setName} />
      <Select
        label="Department"
        description="Who gets the conversations from here."
        placeholder="None: nobody gets them"
        clearable
        data={departments.map(({ id, name: label }) => ({ value: id, label }))}
        value={departmentId}
        onChange={setDepartmentId}
      />
      <Textarea
        label="Sites that may embed it"
        description="One origin per line: scheme, host and port, without a path. Other sites are refused."
        placeholder="https://shop.example"
        autosize
        minRows={3}
        maxRows={12}
        value={origins}
        onChange={(event) => setOrigins(event.currentTarget.value)}
      />
    </FormDialog>
  );
};
