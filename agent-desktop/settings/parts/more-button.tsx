import { Button } from "@mantine/core";
import type { Pages } from "./use-pages.ts";

/** Fetches the next page of a list, where there is one. */
export const MoreButton = ({ pages }: { pages: Pick<Pages<unknown>, "more" | "extending"> }) =>
  pages.more ? (
    <Button mt="sm" variant="subtle" size="xs" loading={pages.extending} onClick={pages.more}>
      Load more
    </Button>
  ) : null;
