import { Alert, Button, EmptyState, Skeleton, Stack } from "@mantine/core";
import { IconAlertCircle, IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** While something is on its way for the first time. */
export const Loading = ({ rows = 4 }: { rows?: number }) => (
  <Stack gap="sm" component="output" aria-label="Loading" aria-busy>
    {Array.from({ length: rows }, (_, row) => (
      <Skeleton key={row} height={44} />
    ))}
  </Stack>
);

/** When something could not be fetched. */
export const Problem = ({ text, onRetry }: { text: string; onRetry: () => void }) => (
  <Alert color="red" icon={<IconAlertCircle />} role="alert" title="This could not be loaded">
    {text}
    <Button mt="xs" size="xs" variant="light" color="red" display="block" onClick={onRetry}>
      Try again
    </Button>
  </Alert>
);

/** What the viewer's role does not show them. */
export const NotYours = ({ reason }: { reason: string }) => (
  <EmptyState mt="xl" icon={<IconLock />} title="You don't have access to this" description={reason} />
);

type Props<T> = {
  of: { problem: string | null; loading: boolean; reload: () => void };
  data: T | undefined;
  children: (data: T) => ReactNode;
  rows?: number;
};

/** Shows what was fetched, or how far that got. A failed second look leaves what was there. */
export const Shown = <T,>({ of, data, children, rows = 4 }: Props<T>) => {
  if (data !== undefined) return <>{children(data)}</>;
  if (of.problem) return <Problem text={of.problem} onRetry={of.reload} />;
  return <Loading rows={rows} />;
};
