import { Select, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle } from "../own.ts";
import { Part } from "../parts/section.tsx";
import classes from "../settings.module.css";
import { ChoiceFields } from "./choice-fields.tsx";
import { periodChoices, periodOf, type ChosenPeriod } from "./period.ts";
import { choiceOf, type Choice, type Department } from "./policy.ts";
import { ReplayOutcome } from "./replay-outcome.tsx";
import { useReplay } from "./use-replay.ts";

/** What another policy would have made of the department's past. */
export const TryPolicy = ({ department }: { department: Department }) => {
  const cannotReplay = useRouteObstacle("routing/replay");
  const [chosen, setChosen] = useState<ChosenPeriod>({ last: "7", from: "", to: "" });
  const [choice, setChoice] = useState<Choice>(() => choiceOf(department));
  const { run, start, stop, goOn } = useReplay(department.id);
  const [openedAt] = useState(Date.now);
  const problem = periodOf(chosen, openedAt);
  const obstacle = cannotReplay ?? ("problem" in problem ? problem.problem : null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const period = periodOf(chosen, Date.now());
    if (obstacle === null && !("problem" in period) && !run?.running) void start(period, choice);
  };
  return (
    <Part
      title="Try another policy"
      about="Tried on past decisions: who would have got each conversation, given who was there and how busy they were. Nothing is changed."
    >
      <form onSubmit={submit}>
        <div className={classes["grid"]} style={{ marginBottom: 14 }}>
          <Select
            label="Decisions of"
            data={periodChoices}
            value={chosen.last}
            allowDeselect={false}
            onChange={(last) => last && setChosen({ ...chosen, last })}
          />
          {chosen.last === "dates" && (
            <>
              <TextInput
                label="From"
                type="date"
                required
                withAsterisk={false}
                value={chosen.from}
                onChange={(event) => setChosen({ ...chosen, from: event.currentTarget.value })}
              />
              <TextInput
                label="To"
                type="date"
                required
                withAsterisk={false}
                value={chosen.to}
                onChange={(event) => setChosen({ ...chosen, to: event.currentTarget.value })}
              />
            </>
          )}
        </div>
        <ChoiceFields choice={choice} change={(to) => setChoice((held) => ({ ...held, ...to }))} />
        <GuardedButton type="submit" mt="md" obstacle={obstacle} loading={run?.running ?? false}>
          Try it
        </GuardedButton>
      </form>
      {run && <ReplayOutcome run={run} onStop={stop} onGoOn={goOn} />}
    </Part>
  );
};
