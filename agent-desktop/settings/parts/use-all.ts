import type { Input } from "../../session/rest.ts";
import { useLoaded, type Loaded } from "../../session/use-loaded.ts";
import { askPage, type ListRoute, type RowOf } from "./ask-page.ts";

/** A choice of more than so many pages is no choice any more. */
const mostPages = 10;

/** The whole of a list, for something to be chosen from it; empty, without asking, where `allowed` is false. */
export const useAll = <N extends ListRoute>(name: N, input: Input<N>, allowed = true): Loaded<RowOf<N>[]> =>
  useLoaded(
    async (signal) => {
      const rows: RowOf<N>[] = [];
      let cursor: string | null = null;
      if (!allowed) return rows;
      for (let page = 0; page < mostPages; page += 1) {
        // Each page names where the next one starts.
        const { data, nextCursor }: { data: RowOf<N>[]; nextCursor: string | null } = await askPage(name, input, {
          limit: 100,
          cursor,
          signal,
        });
        rows.push(...data);
        cursor = nextCursor;
        if (cursor === null) break;
      }
      return rows;
    },
    `${name}:${String(allowed)}:${JSON.stringify(input)}`,
  );
