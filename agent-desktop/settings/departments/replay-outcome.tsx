import { Alert, Anchor, Button, Group, Progress, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { ReplayedDecision } from "../../../server/contract/assignment-routes.ts";
import { fullWhen } from "../../list/when.ts";
import { showConversation } from "../../shell/ui-store.ts";
import { MoreButton } from "../parts/more-button.tsx";
import classes from "../settings.module.css";
import { outcomeText, signed, type Outcome } from "./replay.ts";
import { reached, type Run } from "./use-replay.ts";
import { strategyNames } from "./words.ts";

const shownAtOnce = 50;

const Agents = ({ agents }: { agents: Outcome["totals"]["agents"] }) => (
  <Table.ScrollContainer minWidth={320} type="native">
    <Table aria-label="Conversations per agent" fz="sm" maw={560}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Agent</Table.Th>
          <Table.Th scope="col">Had</Table.Th>
          <Table.Th scope="col">Would have had</Table.Th>
          <Table.Th scope="col">Difference</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {agents.map(({ id, name, had, wouldHaveHad }) => (
          <Table.Tr key={id}>
            <Table.Th scope="row" fw={600}>
              {name}
            </Table.Th>
            <Table.Td>{had}</Table.Td>
            <Table.Td>{wouldHaveHad}</Table.Td>
            <Table.Td>{signed(wouldHaveHad - had)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

const Differing = ({ decision }: { decision: ReplayedDecision }) => {
  const { conversationId, at, had, wouldBe, because } = decision;
  return (
    <li className={classes["row"]}>
      <div className={classes["what"]}>
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>
            {had.name} → {wouldBe?.name ?? "the queue"}
          </span>
          <span className={classes["faint"]}>{because}</span>
        </div>
      </div>
      <div className={classes["marks"]}>
        <Anchor
          size="sm"
          href={`#c=${conversationId}`}
          aria-label={`The conversation of ${fullWhen(at)}`}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            showConversation(conversationId);
          }}
        >
          {fullWhen(at)}
        </Anchor>
      </div>
    </li>
  );
};

const Differences = ({ decisions }: { decisions: ReplayedDecision[] }) => {
  const [shown, setShown] = useState(shownAtOnce);
  if (decisions.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h6">
        What would have been different
      </Title>
      <ol className={classes["rows"]} aria-label="What would have been different, the earliest first">
        {decisions.slice(0, shown).map((decision) => (
          <Differing key={decision.id} decision={decision} />
        ))}
      </ol>
      <MoreButton
        pages={{ more: decisions.length > shown ? () => setShown(shown + shownAtOnce) : undefined, extending: false }}
      />
    </div>
  );
};

const Said = ({ totals }: Pick<Outcome, "totals">) => {
  const [first, ...more] = outcomeText(totals);
  return (
    <>
      <Text fw={650}>{first}</Text>
      {more.length > 0 && (
        <Text size="sm" c="var(--ink-soft)">
          {more.join(" ")}
        </Text>
      )}
    </>
  );
};

type Props = { run: Run; onStop: () => void; onGoOn: () => void };

/** What came of a trial so far, how far it got, and what stopped it. */
export const ReplayOutcome = ({ run, onStop, onGoOn }: Props) => {
  const { period, choice, running, outcome, next, problem } = run;
  const found = outcome && outcome.totals.decisions > 0 ? outcome : null;
  return (
    <Stack gap="md" mt="lg" component="section" aria-label="Result" aria-busy={running}>
      <Text size="sm" c="var(--ink-soft)">
        “{strategyNames[choice.strategy]}” from {fullWhen(period.from)} to {fullWhen(period.to)}
        {outcome && next !== null && !running && `, looked at until ${fullWhen(next)}`}
      </Text>
      {running && (
        <Group gap="sm" wrap="nowrap">
          <Progress flex={1} animated value={Math.max(4, reached(run))} aria-label="Looked at so far" />
          <Button size="compact-sm" variant="default" onClick={onStop}>
            Stop
          </Button>
        </Group>
      )}
      {problem && (
        <Alert color="red" icon={<IconAlertCircle />} role="alert" title="The trial stopped early">
          {problem}
        </Alert>
      )}
      {!running && next !== null && (
        <Button w="fit-content" size="xs" variant="light" onClick={onGoOn}>
          {outcome ? "Continue" : "Try again"}
        </Button>
      )}
      {/* Read out as soon as it is there. */}
      <output>
        {found && <Said totals={found.totals} />}
        {outcome && !found && next === null && (
          <Text size="sm">Nothing was decided in this period. Choose a longer one.</Text>
        )}
      </output>
      {found && found.totals.agents.length > 0 && <Agents agents={found.totals.agents} />}
      {found && <Differences decisions={found.differing} />}
    </Stack>
  );
};
