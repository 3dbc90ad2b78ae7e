import type { Context } from "koa";
import type { Logger } from "pino";
import { errorCodes, Refusal } from "../contract/errors.ts";
import { toErrorBody } from "../realtime/pipeline.ts";

/** Errors of Koa's libraries that blame the request carry a status below 500. */
const statusOf = (error: unknown): number | undefined => {
  const { status } = error as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
};

const asRefusal = (error: unknown): unknown => {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  const status = statusOf(error);
  if (status === undefined) return error;
  if (status === 413) return new Refusal("payload_too_large", "The body is too large.");
  if (status === 404 || status === 403) return new Refusal("not_found", "There is nothing here.");
  return new Refusal("invalid_payload", "The request can't be read.");
};

/** The one place where what was thrown becomes a response. Logs what nobody foresaw. */
export const answerError = (ctx: Context, thrown: unknown, log: Logger): void => {
  const error = toErrorBody(asRefusal(thrown), { log }, `${ctx.method} ${ctx.path}`);
  ctx.status = errorCodes[error.code].status;
  ctx.body = { error };
  ctx.set("Cache-Control", "no-store");
  const wait = error.details?.["retryAfterMs"];
  if (typeof wait === "number") ctx.set("Retry-After", String(Math.ceil(wait / 1_000)));
  else if (error.code === "unavailable") ctx.set("Retry-After", "1");
  if (error.code === "unauthenticated") ctx.set("WWW-Authenticate", "Bearer");
};

/** Answers a method that nothing at this path takes, and says which would be taken. */
export const answerWrongMethod = (ctx: Context, allowed: string[]): void => {
  const refusal = new Refusal("not_found", `${ctx.method} is not possible here; ${allowed.join(" and ")} would be.`);
  ctx.status = 405;
  ctx.set("Allow", allowed.join(", "));
  ctx.set("Cache-Control", "no-store");
  ctx.body = { error: refusal.toBody() };
};
