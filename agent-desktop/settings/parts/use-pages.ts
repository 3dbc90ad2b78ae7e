import { useState } from "react";
import { sentenceOf } from "../../session/ask.ts";
import type { Input } from "../../session/rest.ts";
import { useLoaded } from "../../session/use-loaded.ts";
import { tell } from "../../shell/notices.ts";
import { askPage, type ListRoute, type RowOf } from "./ask-page.ts";

export type Pages<T> = {
  /** Undefined until the first page came. */
  rows: T[] | undefined;
  problem: string | null;
  loading: boolean;
  reload: () => void;
  /** Puts in what a change answered. */
  put: (change: (rows: T[]) => T[]) => void;
  /** Fetches the next page; undefined at the end. */
  more: (() => void) | undefined;
  extending: boolean;
};

const limit = 50;

/** A list that is fetched page by page, from the start again when its query changes. */
export const usePages = <N extends ListRoute>(name: N, input: Input<N>): Pages<RowOf<N>> => {
  const [extending, setExtending] = useState(false);
  const { data, problem, loading, reload, put } = useLoaded(
    (signal) => askPage(name, input, { limit, signal }),
    `${name}:${JSON.stringify(input)}`,
  );
  const extend = async (cursor: string) => {
    setExtending(true);
    try {
      const next = await askPage(name, input, { limit, cursor });
      put((held) => ({ data: [...held.data, ...next.data], nextCursor: next.nextCursor }));
    } catch (error) {
      tell("error", sentenceOf(error));
    }
    setExtending(false);
  };
  const cursor = data?.nextCursor;
  return {
    rows: data?.data,
    problem,
    loading,
    reload,
    put: (change) => put((held) => ({ ...held, data: change(held.data) })),
    more: cursor ? () => void extend(cursor) : undefined,
    extending,
  };
};
