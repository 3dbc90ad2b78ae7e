import type { limits } from "../../server/contract/entities.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import { isBlank } from "../../server/contract/text.ts";

// The contract's own numbers, held to them by type: importing the values would bring the contract's code along.
export const bodyCharacters: (typeof limits)["bodyCharacters"] = 10_000;
const frameBytes: (typeof limits)["frameBytes"] = 65_536;
/** What a frame carries beside the body: the command's name, ids, quotes. */
const envelopeBytes = 1024;

/** Code points, as the server counts them. */
export const countCharacters = (body: string): number =>
  body.length <= bodyCharacters / 2 ? body.length : Array.from(body).length;

// A lone surrogate has no UTF-8 form. With the `u` flag a pair is one character, so this matches only halves.
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Why a body can't be sent, or undefined. Asked before it leaves: a frame over the limit would not be refused but cut the
 * connection, and with it everything else on the way.
 */
export const bodyProblem = (body: string): ErrorBody | undefined => {
  const problem = (code: ErrorBody["code"], message: string): ErrorBody => ({ code, message, retryable: false });
  if (isBlank(body)) return problem("invalid_payload", "The message is empty");
  if (body.includes("\0") || loneSurrogate.test(body)) {
    return problem("invalid_payload", "The message holds characters that can't be stored");
  }
  const characters = countCharacters(body);
  if (characters > bodyCharacters) {
    return problem("payload_too_large", `The message is ${characters - bodyCharacters} characters too long`);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
  return bytes > frameBytes - envelopeBytes ? problem("payload_too_large", "The message is too long") : undefined;
};
