import { Code, Group, Select, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { fullWhen } from "../../list/when.ts";
import { askFile, sentenceOf } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { tell } from "../../shell/notices.ts";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { MoreButton } from "../parts/more-button.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { useAll } from "../parts/use-all.ts";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { actionText, dayBounds, stateText, whoOf } from "./words.ts";

type AuditEvent = RowOf<"audit-event/list">;

const save = (blob: Blob, name: string) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has taken its own hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

const States = ({ title, state }: { title: string; state: unknown }) =>
  state === undefined ? null : (
    <div style={{ flex: 1, minWidth: 220 }}>
      <Text size="xs" c="var(--ink-soft)">
        {title}
      </Text>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {stateText(state)}
      </Code>
    </div>
  );

const Row = ({ event }: { event: AuditEvent }) => (
  <li style={{ padding: "10px 14px" }} className={classes["event"]}>
    <details>
      <summary>
        <strong>{actionText(event.action)}</strong>
        <span className={classes["faint"]}>
          {whoOf(event)} · <time dateTime={event.createdAt}>{fullWhen(event.createdAt)}</time>
        </span>
      </summary>
      <Group gap="sm" align="flex-start" mt="xs">
        <States title="Before" state={event.before} />
        <States title="After" state={event.after} />
      </Group>
      <Text size="xs" c="var(--ink-soft)" mt={6} style={{ overflowWrap: "anywhere" }}>
        {event.targetId && `of ${event.targetId} · `}
        {event.address && `from ${event.address} · `}
        {event.requestId && `request ${event.requestId}`}
      </Text>
    </details>
  </li>
);

/** Who did what, and what it was before: filtered, and taken along as a file. */
export const AuditLog = () => {
  const [action, setAction] = useState("");
  const [actorId, setActorId] = useState<string | null>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [exporting, setExporting] = useState(false);
  const [asked] = useDebouncedValue(action.trim().toLowerCase(), 300);
  const cannotExport = useRouteObstacle("audit-event/export");
  const cannotSeeAgents = useRouteObstacle("agent/list");
  const agents = useAll("agent/list", {}, cannotSeeAgents === null);
  const query = { ...(asked && { action: asked }), ...(actorId && { actorId }), ...dayBounds(from, to) };
  const pages = usePages("audit-event/list", { query });

  const download = async (format: "csv" | "jsonl") => {
    setExporting(true);
    try {
      save(await askFile("audit-event/export", { query: { ...query, format } }), `audit-log.${format}`);
    } catch (error) {
      tell("error", sentenceOf(error));
    }
    setExporting(false);
  };
  const exportButton = (format: "csv" | "jsonl", label: string) => (
    <GuardedButton
      size="sm"
      variant="default"
      obstacle={cannotExport}
      loading={exporting}
      leftSection={<IconDownload size={16} />}
      onClick={() => void download(format)}
    >
      {label}
    </GuardedButton>
  );

  return (
    <Section
      title="Audit log"
      about="Every change in this workspace: who, when, what it was before and after."
      actions={
        <>
          {exportButton("csv", "CSV")}
          {exportButton("jsonl", "JSON lines")}
        </>
      }
    >
      <div className={classes["tools"]}>
        <TextInput
          label="Action"
          placeholder="role, or role.update"
          size="sm"
          maxLength={100}
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
        />
        <Select
          label="By"
          placeholder="Everybody"
          size="sm"
          clearable
          searchable
          data={(agents.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={actorId}
          onChange={setActorId}
        />
        <TextInput
          label="From"
          type="date"
          size="sm"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput label="To" type="date" size="sm" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      </div>
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">Nothing matches.</Text>
          ) : (
            <ol className={classes["rows"]} aria-label="Audit log, the newest first">
              {rows.map((event) => (
                <Row key={event.id} event={event} />
              ))}
            </ol>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
    </Section>
  );
};
