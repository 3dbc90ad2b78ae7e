import { ActionIcon, Button, Checkbox, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { SkillRule } from "../../../server/contract/routing.ts";

const nothing: SkillRule = { skill: "", level: 1, required: true };

type Props = { rules: SkillRule[]; onChange: (rules: SkillRule[]) => void };

/** What the department's conversations ask for, always or only where a field of theirs holds some value. */
export const SkillRules = ({ rules, onChange }: Props) => {
  const change = (at: number, to: Partial<SkillRule>) =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, ...to } : rule)));
  const changeWhen = (at: number, to: { field?: string; equals?: string }) => {
    const { when: held, ...rule } = rules[at]!;
    const when = { field: "", equals: "", ...held, ...to };
    const empty = when.field === "" && when.equals === "";
    onChange(rules.toSpliced(at, 1, empty ? rule : { ...rule, when }));
  };
  return (
    <Stack gap={10} mt="md" component="fieldset" style={{ border: 0, padding: 0 }}>
      <Text component="legend" size="sm" fw={600}>
        Skills asked for
      </Text>
      {rules.map((rule, at) => (
        // A rule has no name of its own; its place is what it is told apart by.
        <Group key={at} gap={8} align="flex-end">
          <TextInput
            label="Skill"
            required
            withAsterisk={false}
            w={150}
            maxLength={50}
            value={rule.skill}
            onChange={(event) => change(at, { skill: event.currentTarget.value })}
          />
          <NumberInput
            label="From level"
            w={90}
            min={1}
            max={5}
            clampBehavior="strict"
            value={rule.level}
            onChange={(value) => change(at, { level: Number(value) || 1 })}
          />
          <TextInput
            label="Only where the field"
            placeholder="always"
            w={140}
            maxLength={100}
            value={rule.when?.field ?? ""}
            onChange={(event) => changeWhen(at, { field: event.currentTarget.value })}
          />
          <TextInput
            label="holds"
            w={120}
            maxLength={200}
            value={rule.when?.equals ?? ""}
            onChange={(event) => changeWhen(at, { equals: event.currentTarget.value })}
          />
          <Checkbox
            mb={8}
            label="Required"
            checked={rule.required}
            onChange={(event) => change(at, { required: event.currentTarget.checked })}
          />
          <ActionIcon
            mb={4}
            variant="subtle"
            color="gray"
            aria-label={`Remove ${rule.skill || "the rule"}`}
            onClick={() => onChange(rules.toSpliced(at, 1))}
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
        onClick={() => onChange([...rules, nothing])}
      >
        Ask for a skill
      </Button>
    </Stack>
  );
};
