import { ActionIcon, Button, Group, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { Holiday } from "../../../server/contract/business-hours.ts";
import { ClockRange } from "./clock-range.tsx";

const today = () => new Date().toISOString().slice(0, 10);

type Props = { holidays: Holiday[]; onChange: (holidays: Holiday[]) => void };

/** Days that do not follow the week: closed, or open at hours of their own. */
export const Holidays = ({ holidays, onChange }: Props) => {
  const change = (at: number, holiday: Holiday) => onChange(holidays.with(at, holiday));
  const hoursOf = ({ intervals = [] }: Holiday) => intervals;
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" size="sm" fw={650} mb={4}>
        Holidays and other exceptions
      </Text>
      {holidays.map((holiday, at) => (
        // A day that is being typed has no name that stays.
        <div key={at} style={{ padding: "6px 0", borderTop: "1px solid var(--line)" }}>
          <Group gap={8} wrap="nowrap">
            <TextInput
              type="date"
              size="xs"
              w={150}
              aria-label="Day"
              required
              value={holiday.date}
              onChange={(event) => change(at, { ...holiday, date: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              flex={1}
              aria-label="Name"
              placeholder="Name"
              maxLength={100}
              value={holiday.name ?? ""}
              onChange={(event) => {
                const { name: _name, ...rest } = holiday;
                const name = event.currentTarget.value;
                change(at, name ? { ...rest, name } : rest);
              }}
            />
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() =>
                change(at, { ...holiday, intervals: [...hoursOf(holiday), { from: "09:00", to: "12:00" }] })
              }
            >
              {hoursOf(holiday).length === 0 ? "Closed: add hours" : "Add hours"}
            </Button>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Remove ${holiday.date}`}
              onClick={() => onChange(holidays.toSpliced(at, 1))}
            >
              <IconX size={15} />
            </ActionIcon>
          </Group>
          {hoursOf(holiday).map((range, index) => (
            <ClockRange
              key={index}
              of={holiday.date}
              range={range}
              onChange={(to) =>
                change(at, { ...holiday, intervals: hoursOf(holiday).with(index, { ...range, ...to }) })
              }
              onRemove={() => change(at, { ...holiday, intervals: hoursOf(holiday).toSpliced(index, 1) })}
            />
          ))}
        </div>
      ))}
      <Button
        size="compact-sm"
        variant="light"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...holidays, { date: today() }])}
      >
        Add a day
      </Button>
    </fieldset>
  );
};
