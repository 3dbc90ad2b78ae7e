import { Button, Text } from "@mantine/core";
import type { WeeklyInterval } from "../../../server/contract/business-hours.ts";
import classes from "../settings.module.css";
import { ClockRange } from "./clock-range.tsx";
import { nextStretch, stretchesOf, weekdayName, weekdays } from "./week.ts";

type Props = { intervals: WeeklyInterval[]; onChange: (intervals: WeeklyInterval[]) => void };

/** Any number of stretches for each day of the week. */
export const WeekEditor = ({ intervals, onChange }: Props) => (
  <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
    <Text component="legend" size="sm" fw={650} mb={4}>
      The week
    </Text>
    {weekdays.map((weekday) => {
      const name = weekdayName(weekday);
      const stretches = stretchesOf(intervals, weekday);
      return (
        <div key={weekday} className={classes["day"]}>
          <span>{name}</span>
          <div className={classes["stretches"]}>
            {stretches.length === 0 && (
              <Text size="sm" c="var(--ink-soft)" component="span" mr="sm">
                Closed
              </Text>
            )}
            {stretches.map(({ at, from, to }) => (
              <ClockRange
                key={at}
                of={name}
                range={{ from, to }}
                onChange={(change) => onChange(intervals.with(at, { ...intervals[at]!, ...change }))}
                onRemove={() => onChange(intervals.toSpliced(at, 1))}
              />
            ))}
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`${name}: add hours`}
              onClick={() => onChange([...intervals, nextStretch(intervals, weekday)])}
            >
              Add
            </Button>
          </div>
        </div>
      );
    })}
  </fieldset>
);
