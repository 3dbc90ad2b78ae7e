import type * as v from "valibot";
import { routes, type Routes } from "../../server/contract/admin.ts";
import type { ErrorCode } from "../../server/contract/errors.ts";
import { apiPrefix } from "../../server/contract/rest.ts";

/** A REST request that was refused, or that never got an answer (`status` 0, code `unavailable`). */
export class RestError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    retryable: boolean,
    details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "RestError";
    this.status = status;
    this.code = code;
    this.retryable = retryable;
    this.details = details;
  }
}

export type RouteName = keyof Routes;

type In<R, Part extends string> =
  R extends Record<Part, infer Schema extends v.GenericSchema<any, any>>
    ? { [P in Part]: v.InferInput<Schema> }
    : unknown;
type Query<R> = R extends { query: infer Schema extends v.GenericSchema<any, any> }
  ? { query?: v.InferInput<Schema> }
  : unknown;

/** What a route takes: the ids in its path, its query as strings, its body. */
export type Input<N extends RouteName> = In<Routes[N], "params"> & Query<Routes[N]> & In<Routes[N], "body">;
/** What a route answers; `undefined` where it answers nothing. */
export type Answer<N extends RouteName> = Routes[N] extends { response: infer Schema extends v.GenericSchema<any, any> }
  ? v.InferOutput<Schema>
  : undefined;

type AnyInput = {
  params?: Record<string, string>;
  query?: Record<string, string | undefined>;
  body?: unknown;
};

const unreachable = () =>
  new RestError(0, "unavailable", "The server can't be reached. Check your connection and try again.", true);

/** What to throw where no answer came: whoever called it off wants to hear that, and a time that ran out is no answer. */
const noAnswer = (error: unknown, signal: AbortSignal | undefined) =>
  signal?.aborted && (signal.reason as Error | undefined)?.name !== "TimeoutError" ? error : unreachable();

const refusalOf = async (response: Response): Promise<RestError> => {
  const body: unknown = await response.json().catch(() => null);
  type Told = { code?: ErrorCode; message?: string; retryable?: boolean; details?: Record<string, unknown> };
  const error = (body as { error?: Told } | null)?.error;
  if (error?.code && error.message)
    return new RestError(response.status, error.code, error.message, error.retryable ?? false, error.details);
  // Something between us and the server answered in its stead.
  return response.status >= 500
    ? new RestError(response.status, "unavailable", "The server is not ready. Try again in a moment.", true)
    : new RestError(response.status, "internal", `The server answered with status ${response.status}.`, false);
};

/** Where a route is, with its ids and query filled in. */
export const addressOf = <N extends RouteName>(name: N, input: Input<N>): string => {
  const { params = {}, query = {} } = input as AnyInput;
  const path = routes[name].path.replaceAll(/:(\w+)/gu, (_, id: string) => encodeURIComponent(params[id] ?? ""));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  ).toString();
  return `${apiPrefix}${path}${search ? `?${search}` : ""}`;
};

/** The same as `fetchJson`, with the answer as it comes: for files. Throws RestError unless it is a 2xx. */
export const fetchRoute = async <N extends RouteName>(
  name: N,
  input: Input<N>,
  accessToken?: string,
  signal?: AbortSignal,
): Promise<Response> => {
  const { body } = input as AnyInput;
  const headers: Record<string, string> = { accept: "*/*" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (accessToken) headers["authorization"] = `Bearer ${accessToken}`;
  const response = await fetch(addressOf(name, input), {
    method: routes[name].method,
    headers,
    credentials: "same-origin",
    body: body === undefined ? null : JSON.stringify(body),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw noAnswer(error, signal);
  });
  if (!response.ok) throw await refusalOf(response);
  return response;
};

/**
 * Calls a route of the contract with the refresh cookie, and the access token where one is given. Throws RestError.
 */
export const fetchJson = async <N extends RouteName>(
  name: N,
  input: Input<N>,
  accessToken?: string,
  signal?: AbortSignal,
): Promise<Answer<N>> => {
  const response = await fetchRoute(name, input, accessToken, signal);
  if (response.status === 204) return undefined as Answer<N>;
  return (await response.json().catch((error: unknown) => {
    throw noAnswer(error, signal);
  })) as Answer<N>;
};
