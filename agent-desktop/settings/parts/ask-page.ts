import { ask } from "../../session/ask.ts";
import type { Answer, Input, RouteName } from "../../session/rest.ts";

export type Paged<T> = { data: T[]; nextCursor: string | null };
/** Routes that answer in pages. */
export type ListRoute = { [N in RouteName]: Answer<N> extends Paged<unknown> ? N : never }[RouteName];
export type RowOf<N extends ListRoute> = Answer<N> extends Paged<infer T> ? T : never;

type Asked = { params?: Record<string, string>; query?: Record<string, string | undefined> };

/** One page of a list, from `cursor` on. Throws RestError. */
export const askPage = <N extends ListRoute>(
  name: N,
  input: Input<N>,
  { limit, cursor, signal }: { limit: number; cursor?: string | null | undefined; signal?: AbortSignal | undefined },
): Promise<Paged<RowOf<N>>> => {
  const asked = input as Asked;
  const query = { ...asked.query, limit: String(limit), ...(cursor && { cursor }) };
  // That a list route takes these and answers a page is what makes it one; the compiler can't follow that through `N`.
  return ask(name, { ...asked, query } as unknown as Input<N>, signal) as unknown as Promise<Paged<RowOf<N>>>;
};
