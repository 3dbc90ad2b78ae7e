import { ActionIcon, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import classes from "../settings.module.css";
import { isOverMidnight } from "./week.ts";

type Range = { from: string; to: string };
type Props = { of: string; range: Range; onChange: (to: Partial<Range>) => void; onRemove: () => void };

const clock = "(?:[01]\\d|2[0-3]):[0-5]\\d|24:00";

/** From one time of the day to another, on the next day where that is not later. */
export const ClockRange = ({ of, range, onChange, onRemove }: Props) => (
  <div className={classes["stretch"]}>
    <TextInput
      size="xs"
      w={74}
      aria-label={`${of}, from`}
      placeholder="09:00"
      required
      pattern={clock}
      value={range.from}
      onChange={(event) => onChange({ from: event.currentTarget.value })}
    />
    to
    <TextInput
      size="xs"
      w={74}
      aria-label={`${of}, to`}
      placeholder="17:00"
      required
      pattern={clock}
      value={range.to}
      onChange={(event) => onChange({ to: event.currentTarget.value })}
    />
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${of}: remove these hours`} onClick={onRemove}>
      <IconX size={15} />
    </ActionIcon>
    {isOverMidnight(range) && (
      <Text size="xs" c="var(--ink-soft)">
        until the next day
      </Text>
    )}
  </div>
);
