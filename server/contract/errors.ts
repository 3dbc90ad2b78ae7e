import * as v from "valibot";

/** Every refusal on sockets and REST: what it means, whether the same request may succeed later, and its HTTP status. */
export const errorCodes = {
  invalid_payload: { retryable: false, status: 400 },
  unauthenticated: { retryable: false, status: 401 },
  permission_denied: { retryable: false, status: 403 },
  not_found: { retryable: false, status: 404 },
  conflict: { retryable: false, status: 409 },
  rate_limited: { retryable: true, status: 429 },
  limit_exceeded: { retryable: false, status: 403 },
  payload_too_large: { retryable: false, status: 413 },
  read_only: { retryable: false, status: 409 },
  unavailable: { retryable: true, status: 503 },
  internal: { retryable: true, status: 500 },
} as const;

export type ErrorCode = keyof typeof errorCodes;

export const ErrorBody = v.object({
  code: v.picklist(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: v.string(),
  retryable: v.boolean(),
  details: v.optional(v.record(v.string(), v.unknown())),
});
export type ErrorBody = v.InferOutput<typeof ErrorBody>;

/**
 * A refusal a client is told about: `code` from the list above and a sentence a person understands.
 * Thrown by pipeline and actions, turned into an ack or a response in one place each.
 */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.details = details;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      retryable: errorCodes[this.code].retryable,
      ...(this.details && { details: this.details }),
    };
  }
}
