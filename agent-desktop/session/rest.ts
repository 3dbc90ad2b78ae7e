import type { ErrorCode } from "../../server/contract/errors.ts";

/** A REST request that was refused, or that never got an answer (`status` 0, code `unavailable`). */
export class RestError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(status: number, code: ErrorCode, message: string, retryable: boolean) {
    super(message);
    this.name = "RestError";
    this.status = status;
    this.code = code;
    this.retryable = retryable;
  }
}

const unreachable = () =>
  new RestError(0, "unavailable", "The server can't be reached. Check your connection and try again.", true);

const refusalOf = async (response: Response): Promise<RestError> => {
  const body: unknown = await response.json().catch(() => null);
  const error = (body as { error?: { code?: ErrorCode; message?: string; retryable?: boolean } } | null)?.error;
  if (error?.code && error.message)
    return new RestError(response.status, error.code, error.message, error.retryable ?? false);
  // Something between us and the server answered in its stead.
  return response.status >= 500
    ? new RestError(response.status, "unavailable", "The server is not ready. Try again in a moment.", true)
    : new RestError(response.status, "internal", `The server answered with status ${response.status}.`, false);
};

/**
 * POSTs JSON below `/api/v1` with the refresh cookie, and the access token where one is given.
 * Gives the parsed body, or `undefined` for 204. Throws RestError.
 */
export const post = async <T>(path: string, body?: unknown, accessToken?: string): Promise<T> => {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (accessToken) headers["authorization"] = `Bearer ${accessToken}`;
  const response = await fetch(`/api/v1${path}`, {
    method: "POST",
    headers,
    credentials: "same-origin",
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await refusalOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json().catch(() => {
    throw unreachable();
  })) as T;
};
