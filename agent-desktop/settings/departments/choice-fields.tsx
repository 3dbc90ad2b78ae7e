import { NumberInput, Select } from "@mantine/core";
import type { ReactNode } from "react";
import { numberOrNull } from "../parts/fields.ts";
import classes from "../settings.module.css";
import type { Choice } from "./policy.ts";
import { SkillRules } from "./skill-rules.tsx";
import { stickinessChoices, strategyChoices } from "./words.ts";

type Props = {
  choice: Choice;
  change: (to: Partial<Choice>) => void;
  /** More fields in the same grid. */
  children?: ReactNode;
};

/** What decides who of those there gets a conversation. */
export const ChoiceFields = ({ choice, change, children }: Props) => (
  <>
    <div className={classes["grid"]}>
      <Select
        label="Who gets the next conversation"
        data={strategyChoices}
        value={choice.strategy}
        allowDeselect={false}
        onChange={(value) => value && change({ strategy: value })}
      />
      <Select
        label="Returning contacts go first to"
        data={stickinessChoices}
        value={choice.sticky}
        allowDeselect={false}
        onChange={(value) => value && change({ sticky: value })}
      />
      <NumberInput
        label="At most per agent"
        description="Open conversations of this department. Empty: as many as the agent's own capacity."
        min={1}
        max={10_000}
        allowDecimal={false}
        value={choice.capacityPerAgent ?? ""}
        onChange={(value) => change({ capacityPerAgent: numberOrNull(value) })}
      />
      {children}
    </div>
    {choice.strategy === "skills" && <SkillRules rules={choice.skills} onChange={(skills) => change({ skills })} />}
  </>
);
