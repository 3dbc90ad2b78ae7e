import { Select } from "@mantine/core";
import { useState } from "react";
import type { Holiday, WeeklyInterval } from "../../../server/contract/business-hours.ts";
import { ask } from "../../session/ask.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { timeZones } from "../parts/fields.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { NameField } from "../parts/name-field.tsx";
import { Holidays } from "./holidays.tsx";
import { WeekEditor } from "./week-editor.tsx";
import { officeWeek } from "./week.ts";

type Props = {
  hours: RowOf<"business-hours/list"> | null;
  obstacle: string | null;
  onClose: () => void;
  onDone: () => void;
};

const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A week, its time zone and the days that differ. */
export const HoursDialog = ({ hours, obstacle, onClose, onDone }: Props) => {
  const [name, setName] = useState(hours?.name ?? "");
  const [timeZone, setTimeZone] = useState(hours?.timeZone ?? here());
  const [intervals, setIntervals] = useState<WeeklyInterval[]>(hours?.intervals ?? officeWeek);
  const [holidays, setHolidays] = useState<Holiday[]>(hours?.holidays ?? []);
  const submit = async () => {
    const body = { name, timeZone, intervals, holidays };
    if (hours) await ask("business-hours/update", { params: { businessHoursId: hours.id }, body });
    else await ask("business-hours/create", { body });
    onDone();
  };
  return (
    <FormDialog
      opened
      size="lg"
      onClose={onClose}
      title={hours ? hours.name : "New business hours"}
      submit={hours ? "Save" : "Create"}
      obstacle={obstacle}
      onSubmit={submit}
      onRefused={onDone}
    >
      <NameField data-autofocus value={name} onChange={setName} />
      <Select
        label="Time zone"
        data={timeZones(timeZone)}
        searchable
        allowDeselect={false}
        value={timeZone}
        onChange={(value) => setTimeZone(value ?? timeZone)}
      />
      <WeekEditor intervals={intervals} onChange={setIntervals} />
      <Holidays holidays={holidays} onChange={setHolidays} />
    </FormDialog>
  );
};
