import { Alert, Button, EmptyState, Skeleton } from "@mantine/core";
import { IconAlertCircle, IconCoffee, IconInbox, IconSearchOff, IconUsersGroup } from "@tabler/icons-react";
import { useClientState } from "../session/client-context.tsx";
import classes from "./list.module.css";
import type { Shelf } from "./views.ts";

/** While the first page is on its way. */
export const ListLoading = () => (
  <output className={classes["loading"]} aria-label="Loading conversations">
    {[0, 1, 2, 3, 4].map((row) => (
      <div key={row} style={{ display: "grid", gridTemplateColumns: "38px 1fr", gap: 10 }}>
        <Skeleton height={38} circle />
        <div>
          <Skeleton height={11} width={`${62 - row * 6}%`} mb={9} mt={4} />
          <Skeleton height={9} width={`${94 - row * 7}%`} />
        </div>
      </div>
    ))}
  </output>
);

/** When the list could not be fetched. */
export const ListProblem = ({ problem, onRetry }: { problem: string; onRetry: () => void }) => (
  <Alert m="sm" color="red" icon={<IconAlertCircle />} title="The list could not be loaded" role="alert">
    {problem}
    <Button mt="xs" size="xs" variant="light" color="red" onClick={onRetry}>
      Try again
    </Button>
  </Alert>
);

const texts = {
  mine: { title: "Nothing on your desk", description: "Take a conversation from the queue, or wait for the next one." },
  queue: { title: "The queue is empty", description: "New conversations appear here at once." },
  all: { title: "No conversations yet", description: "They appear here as soon as a contact writes." },
};

type EmptyProps = {
  shelf: Shelf;
  filtered: boolean;
  /** The server has not looked through everything. */
  goesOn: boolean;
};

/** When there is nothing to list, and why. */
export const ListEmpty = ({ shelf, filtered, goesOn }: EmptyProps) => {
  const departments = useClientState((state) => state.session.departments);
  const seesAll = useClientState((state) => state.session.permissions.includes("conversation.read_all"));
  if (filtered && goesOn)
    return (
      <EmptyState
        mt="xl"
        size="sm"
        icon={<IconSearchOff />}
        title="Nothing among the latest"
        description="Look further back, or try other words."
      />
    );
  if (filtered)
    return (
      <EmptyState
        mt="xl"
        size="sm"
        icon={<IconSearchOff />}
        title="Nothing matches"
        description="Try other words, or Esc to clear the filter."
      />
    );
  if (shelf.status)
    return (
      <EmptyState
        mt="xl"
        size="sm"
        icon={<IconInbox />}
        title="None with this status"
        description="Choose another status, or none."
      />
    );
  if (departments.length === 0 && !seesAll)
    return (
      <EmptyState
        mt="xl"
        size="sm"
        icon={<IconUsersGroup />}
        title="You are in no department yet"
        description="Conversations appear here once somebody who manages people has added you to one."
      />
    );
  return (
    <EmptyState
      mt="xl"
      size="sm"
      icon={shelf.view === "queue" ? <IconCoffee /> : <IconInbox />}
      {...texts[shelf.view]}
    />
  );
};
