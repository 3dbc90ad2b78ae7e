import { NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { trialDays, trialPlan, type PlanName } from "../../server/contract/plans.ts";
import { ask } from "../session/ask.ts";
import { EmailField } from "../session/email-field.tsx";
import { slugOf } from "../session/slug.ts";
import { numberOrNull, timeZones } from "../settings/parts/fields.ts";
import { FormDialog } from "../settings/parts/form-dialog.tsx";
import { NameField } from "../settings/parts/name-field.tsx";
import { tell } from "../shell/notices.ts";
import { planChoices } from "./words.ts";

type Props = { obstacle: string | null; onClose: () => void; onDone: (id: string) => void };

/** Makes a workspace for a customer, whose owner is told by mail how to get in. */
export const CreateWorkspace = ({ obstacle, onClose, onDone }: Props) => {
  const [name, setName] = useState("");
  const [ownSlug, setOwnSlug] = useState<string | null>(null);
  const [plan, setPlan] = useState<PlanName>(trialPlan);
  const [days, setDays] = useState<number | string>(trialDays);
  const [timeZone, setTimeZone] = useState("UTC");
  const [owner, setOwner] = useState({ name: "", email: "" });
  const slug = ownSlug ?? slugOf(name);
  const submit = async () => {
    const trial = numberOrNull(days);
    const body = {
      name,
      slug,
      plan,
      timeZone,
      owner: { name: owner.name, email: owner.email.trim() },
      ...(trial !== null && { trialDays: trial }),
    };
    const { tenant } = await ask("platform-tenant/create", { body });
    tell("success", `${tenant.name} is ready. A mail is on its way to ${body.owner.email}`);
    onDone(tenant.id);
  };
  return (
    <FormDialog
      opened
      onClose={onClose}
      title="New workspace"
      submit="Create the workspace"
      obstacle={obstacle}
      onSubmit={submit}
    >
      <NameField label="Company" data-autofocus value={name} onChange={setName} />
      <TextInput
        label="Short name"
        description="Small letters, digits and hyphens: it becomes part of their address."
        required
        withAsterisk={false}
        minLength={3}
        maxLength={63}
        pattern="[a-z0-9][a-z0-9\-]*[a-z0-9]"
        value={slug}
        onChange={(event) => setOwnSlug(event.currentTarget.value)}
      />
      <Select
        label="Plan"
        data={planChoices}
        value={plan}
        allowDeselect={false}
        onChange={(value) => value && setPlan(value)}
      />
      <NumberInput
        label="Days of trial"
        description="Leave empty if they pay from the first day."
        min={1}
        max={365}
        clampBehavior="strict"
        allowDecimal={false}
        value={days}
        onChange={setDays}
      />
      <Select
        label="Time zone"
        searchable
        data={timeZones(timeZone)}
        value={timeZone}
        allowDeselect={false}
        onChange={(value) => value && setTimeZone(value)}
      />
      <TextInput
        label="Owner's name"
        required
        withAsterisk={false}
        maxLength={100}
        value={owner.name}
        onChange={(event) => setOwner({ ...owner, name: event.currentTarget.value })}
      />
      <EmailField
        label="Owner's e-mail"
        description="They become the admin and get a mail that says how to sign in."
        value={owner.email}
        onChange={(event) => setOwner({ ...owner, email: event.currentTarget.value })}
      />
    </FormDialog>
  );
};
