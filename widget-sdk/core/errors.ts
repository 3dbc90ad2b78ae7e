import type { ErrorBody, ErrorCode } from "../../server/contract/errors.ts";

/** A refusal as the server worded it, or the client's own when no answer came. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Record<string, unknown> | undefined;

  constructor(body: ErrorBody) {
    super(body.message);
    this.name = "ParleyError";
    this.code = body.code;
    this.retryable = body.retryable;
    this.details = body.details;
  }
}

export const unavailable = (message: string): ParleyError =>
  new ParleyError({ code: "unavailable", message, retryable: true });

/** Whatever was thrown, as a ParleyError: callers look at one shape only. */
export const toParleyError = (error: unknown): ParleyError => {
  if (error instanceof ParleyError) return error;
  return unavailable(error instanceof Error ? error.message : String(error));
};

/** What an ended session or a failed message keeps of an error: plain data, so that state stays serialisable. */
export const bodyOfError = ({ code, message, retryable, details }: ParleyError): ErrorBody => ({
  code,
  message,
  retryable,
  ...(details && { details }),
});
