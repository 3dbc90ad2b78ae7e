import { counted } from "../shell/plural.ts";
import { Alert, Badge, Button, Skeleton, Stack, Text } from "@mantine/core";
import type { AssignmentRecord, Waiting } from "../../server/contract/assignment-routes.ts";
import type { Candidate } from "../../server/contract/routing.ts";
import { fullWhen } from "../list/when.ts";
import { ask } from "../session/ask.ts";
import { useLoaded } from "../session/use-loaded.ts";
import classes from "./details.module.css";
import { candidateText, ranked, recordText } from "./why-text.ts";

const Candidates = ({ candidates, chosenId }: { candidates: Candidate[]; chosenId?: string }) => (
  <table className={classes["candidates"]}>
    <thead>
      <tr>
        <th scope="col">Considered</th>
        <th scope="col">Load</th>
        <th scope="col">Score</th>
      </tr>
    </thead>
    <tbody>
      {ranked(candidates, chosenId).map((candidate) => (
        <tr key={candidate.agentId} data-out={candidate.excluded || undefined}>
          <td>
            {candidate.agentId === chosenId ? (
              <strong>{candidate.name ?? "Agent"}</strong>
            ) : (
              (candidate.name ?? "Agent")
            )}
          </td>
          <td>{candidateText(candidate)}</td>
          <td>{candidate.score === undefined ? "–" : Math.round(candidate.score * 100) / 100}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Step = ({ record }: { record: AssignmentRecord }) => {
  const { title, how, end } = recordText(record);
  const { candidates, version } = record.decision;
  return (
    <li className={classes["step"]}>
      <strong>{title}</strong>
      <span className={classes["stepFacts"]}>
        {fullWhen(record.startedAt)}
        {record.department && ` · ${record.department.name}`}
        {version !== undefined && ` · policy ${version}`}
      </span>
      <span>{how}</span>
      {end && <span>{end}</span>}
      {candidates.length > 0 && (
        <details>
          <summary>{counted(candidates.length, "person", "people")} considered</summary>
          <Candidates candidates={candidates} chosenId={record.agent.id} />
        </details>
      )}
    </li>
  );
};

const Waits = ({ waiting }: { waiting: Waiting }) => (
  <Alert color="yellow" title="Nobody has it right now">
    <Text size="sm">{waiting.explanation}</Text>
    {waiting.opensAt && <Text size="sm">The department opens {fullWhen(waiting.opensAt)}.</Text>}
    {waiting.candidates.length > 0 && <Candidates candidates={waiting.candidates} />}
  </Alert>
);

type Known = { records: AssignmentRecord[]; waiting: Waiting | null; nextCursor: string | null };

/** Who had a conversation and was asked to take it, why, and why nobody has it now. Fetched again when it changes. */
export const Why = ({ conversationId, version }: { conversationId: string; version: number }) => {
  const page = async (cursor?: string, signal?: AbortSignal): Promise<Known> => {
    const query = { limit: "20", ...(cursor && { cursor }) };
    const { data, nextCursor, waiting } = await ask("assignment/list", { params: { conversationId }, query }, signal);
    return { records: data, nextCursor, waiting };
  };
  const { data, problem, reload, put } = useLoaded((signal) => page(undefined, signal), `${conversationId}:${version}`);
  const more = async () => {
    const next = await page(data?.nextCursor ?? undefined);
    put((held) => ({ ...held, records: [...held.records, ...next.records], nextCursor: next.nextCursor }));
  };

  if (problem && !data)
    return (
      <Alert color="red" role="alert">
        {problem}
        <Button mt="xs" size="xs" variant="light" color="red" onClick={reload}>
          Try again
        </Button>
      </Alert>
    );
  if (!data)
    return (
      <Stack gap="sm" aria-label="Loading" aria-busy>
        <Skeleton height={60} />
        <Skeleton height={60} />
      </Stack>
    );
  return (
    <Stack gap="md">
      {data.waiting && <Waits waiting={data.waiting} />}
      {data.records.length === 0 && <Text size="sm">Nobody has had it or been asked to take it yet.</Text>}
      <ol className={classes["steps"]} aria-label="What happened, the latest first">
        {data.records.map((record) => (
          <Step key={`${record.kind}:${record.id}`} record={record} />
        ))}
      </ol>
      {data.nextCursor && (
        <Button variant="subtle" size="xs" onClick={() => void more().catch(reload)}>
          Show earlier
        </Button>
      )}
      {data.records.length > 0 && (
        <Text size="xs" c="var(--ink-soft)">
          <Badge size="xs" variant="default" tt="none" mr={6}>
            Load
          </Badge>
          Open conversations out of their capacity at that moment.
        </Text>
      )}
    </Stack>
  );
};
