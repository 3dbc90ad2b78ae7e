import { ActionIcon, Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";

export type SkillRow = { key: number; name: string; level: number };

let last = 0;
const nextKey = () => (last += 1);

export const rowsOf = (skills: Record<string, number>): SkillRow[] =>
  Object.entries(skills).map(([name, level]) => ({ key: nextKey(), name, level }));

/** Skills by name; rows without one are left out. */
export const skillsOf = (rows: SkillRow[]): Record<string, number> =>
  Object.fromEntries(rows.filter(({ name }) => name.trim() !== "").map(({ name, level }) => [name.trim(), level]));

type Props = { rows: SkillRow[]; onChange: (rows: SkillRow[]) => void };

/** What somebody is good at, and how good: departments that route by skills look at it. */
export const SkillsField = ({ rows, onChange }: Props) => {
  const change = (key: number, to: Partial<SkillRow>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...to } : row)));
  return (
    <Stack gap={6} component="fieldset" style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" size="sm" fw={500}>
        Skills
      </Text>
      {rows.map(({ key, name, level }) => (
        <Group key={key} gap={8} wrap="nowrap">
          <TextInput
            aria-label="Skill"
            placeholder="french"
            flex={1}
            maxLength={50}
            value={name}
            onChange={(event) => change(key, { name: event.currentTarget.value })}
          />
          <NumberInput
            aria-label={`Level of ${name || "the skill"}, 1 to 5`}
            w={80}
            min={1}
            max={5}
            clampBehavior="strict"
            value={level}
            onChange={(value) => change(key, { level: Number(value) || 1 })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove ${name || "the skill"}`}
            onClick={() => onChange(rows.filter((row) => row.key !== key))}
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        w="fit-content"
        size="compact-sm"
        variant="light"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...rows, { key: nextKey(), name: "", level: 3 }])}
      >
        Add a skill
      </Button>
    </Stack>
  );
};
