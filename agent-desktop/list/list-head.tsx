import { CloseButton, Select, Tabs, TextInput } from "@mantine/core";
import { IconFilter, IconSearch } from "@tabler/icons-react";
import { statuses } from "../../server/contract/entities.ts";
import { useUi } from "../shell/ui-store.ts";
import { DepartmentFilter } from "./department-filter.tsx";
import { filterInputId } from "./filter-input.ts";
import classes from "./list.module.css";
import { statusLooks } from "./status.ts";
import { useTabCounts } from "./use-list.ts";
import { QueueFacts } from "./queue-facts.tsx";
import { heldStatuses, type View } from "./views.ts";

const choices = (view: View) =>
  (view === "mine" ? heldStatuses : statuses).map((status) => ({ value: status, label: statusLooks[status].name }));

const Count = ({ text, strong, label }: { text: string; strong?: boolean; label: string }) => (
  <span className={classes["count"]} data-strong={strong || undefined} aria-label={label}>
    {text}
  </span>
);

/** The tabs of the list, and what narrows it. */
export const ListHead = () => {
  const { view, status, filter } = useUi();
  const counts = useTabCounts();
  return (
    <div className={classes["head"]}>
      <Tabs
        variant="pills"
        value={view}
        onChange={(next) => useUi.setState({ view: (next ?? "mine") as View, status: null, cursorId: null })}
      >
        <Tabs.List grow aria-label="Which conversations">
          <Tabs.Tab value="mine">
            Mine
            {counts.mine > 0 && (
              <Count
                text={counts.mine > 99 ? "99+" : String(counts.mine)}
                strong
                label={`${counts.mine} with unread messages`}
              />
            )}
          </Tabs.Tab>
          <Tabs.Tab value="queue">
            Queue
            {counts.queue && <Count text={counts.queue} label={`${counts.queue} waiting`} />}
          </Tabs.Tab>
          <Tabs.Tab value="all">All</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <div className={classes["tools"]}>
        <TextInput
          id={filterInputId}
          aria-label="Filter the list"
          placeholder="Filter  ( / )"
          size="xs"
          flex={1}
          leftSection={<IconSearch size={14} />}
          value={filter}
          onChange={(event) => useUi.setState({ filter: event.currentTarget.value })}
          rightSection={
            filter && (
              <CloseButton size="xs" aria-label="Clear the filter" onClick={() => useUi.setState({ filter: "" })} />
            )
          }
        />
        {view === "queue" ? (
          <DepartmentFilter />
        ) : (
          <Select
            aria-label="Status"
            placeholder={view === "mine" ? "Active" : "Any status"}
            size="xs"
            w={122}
            clearable
            leftSection={<IconFilter size={14} />}
            data={choices(view)}
            value={status}
            onChange={(next) => useUi.setState({ status: next, cursorId: null })}
          />
        )}
      </div>
      {view === "queue" && <QueueFacts />}
    </div>
  );
};
