import * as v from "valibot";
import type { Socket } from "socket.io";
import { databaseErrorCode, isPassing } from "../../db/client.ts";
import { breachOf } from "../breach.ts";
import { type Ctx, refuseImpersonator } from "../context.ts";
import type { Ack, CommandSpec, Commands } from "../contract/define.ts";
import { type ErrorBody, Refusal } from "../contract/errors.ts";
import type { Buckets, Limiter } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import { readerOf } from "../read-budget.ts";
import { checkEntitlement } from "./entitlement.ts";
import type { FloodWatch, Source } from "./flood.ts";

export type Handler = (ctx: Ctx, payload: never, socket: Socket) => unknown;
export type Handlers = Record<string, Handler>;

/** What the pipeline knows of one socket. `ctx` is made once: a command allocates no context of its own. `underWay`: commands not answered yet. */
export type Session = { ctx: Ctx; buckets: Buckets[]; source: Source; underWay: number };

type Parts = {
  commands: Commands;
  handlers: Handlers;
  limiter: Limiter;
  metrics: Metrics;
  floods: FloodWatch;
};

/** The error a client is told. Only what nobody foresaw is logged, once, and told as `internal`. */
export const toErrorBody = (error: unknown, ctx: Pick<Ctx, "log">, command: string): ErrorBody => {
  if (error instanceof Refusal) return error.toBody();
  if (isPassing(error)) {
    ctx.log.warn({ err: error, command }, "the database can't be reached");
    return new Refusal("unavailable", "The service can't be reached right now. Please try again.").toBody();
  }
  ctx.log.error({ err: error, command, databaseCode: databaseErrorCode(error) }, "a command failed");
  return new Refusal("internal", "Something went wrong on our side.").toBody();
};

const isPlain = (payload: unknown): boolean =>
  typeof payload === "object" && payload !== null && Object.getPrototypeOf(payload) === Object.prototype;

/** Everything a declared command must pass, cheapest first. Throws Refusal. */
const admit = (spec: CommandSpec, session: Session, payload: unknown, limiter: Limiter): unknown => {
  const wait = limiter.take(spec.limit, ...session.buckets);
  if (wait > 0)
    throw new Refusal("rate_limited", "That was too much at once. Please slow down.", { retryAfterMs: wait });
  const { actor } = session.ctx;
  if (actor.kind === "agent" && actor.readOnly && spec.limit !== "read")
    throw new Refusal("permission_denied", "You are looking as one of the members, so you can't change anything.");
  if (spec.permission && actor.kind === "agent" && !actor.permissions.has(spec.permission))
    throw new Refusal("permission_denied", `Your role does not include ${spec.permission}.`);
  // A list or bytes have no unknown keys either, and would pass for an object in which nothing is mandatory.
  if (!isPlain(payload)) throw new Refusal("invalid_payload", "A command carries one object.");
  const parsed = v.safeParse(spec.payload, payload, { abortEarly: true });
  if (!parsed.success) throw new Refusal("invalid_payload", breachOf(parsed.issues[0]));
  refuseImpersonator(actor, spec, parsed.output);
  if (spec.entitlement) checkEntitlement(session.ctx, spec.entitlement);
  return parsed.output;
};

/**
 * Takes over all packets of a socket: one wrapper around every handler. Whatever comes in, the answer is an ack or
 * nothing, never an exception: one that escaped would end the process.
 */
export const attachPipeline = (socket: Socket, session: Session, parts: Parts): void => {
  const { commands, handlers, limiter, metrics, floods } = parts;
  const { readBudget } = session.ctx.node;
  const reader = readerOf(session.ctx);

  const refuse = (name: string, error: unknown, ack: ((answer: Ack<unknown>) => void) | undefined) => {
    const body = toErrorBody(error, session.ctx, name);
    metrics.countCommand(Object.hasOwn(commands, name) ? name : "unknown", body.code);
    if (body.code === "invalid_payload") {
      metrics.violations.inc({ kind: "payload" });
      session.ctx.log.debug({ command: name.slice(0, 40), message: body.message }, "refused a payload");
    }
    ack?.({ ok: false, error: body });
    // A client that keeps sending what is refused is no client of ours.
    if (socket.connected && floods.refused(session.source)) {
      metrics.violations.inc({ kind: "flood" });
      session.ctx.log.warn({ actor: session.ctx.actor.id }, "closed a socket that would not stop");
      socket.emit("session:ended", { reason: "flood", reconnect: true });
      socket.disconnect(true);
    }
  };

  // A middleware that never calls `next` sees every packet before any listener: one door, and no listener per command.
  socket.use((packet) => {
    const [rawName, ...rest] = packet as [unknown, ...unknown[]];
    const name = typeof rawName === "string" ? rawName : "";
    const last = rest.at(-1);
    const ack = typeof last === "function" ? (rest.pop() as (answer: Ack<unknown>) => void) : undefined;
    try {
      const spec = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (!spec) throw new Refusal("invalid_payload", "There is no such command.");
      if (rest.length > 1) throw new Refusal("invalid_payload", "A command carries one object.");
      const payload = admit(spec, session, rest[0], limiter);
      const act = () => handlers[name]!(session.ctx, payload as never, socket);
      // Who is gone, or came back with other rights, has nothing read for them.
      const answer = spec.limit === "read" ? readBudget.run(reader, act, () => socket.connected) : act();
      if (!(answer instanceof Promise)) {
        metrics.countCommand(name, "ok");
        ack?.({ ok: true, data: answer });
        return;
      }
      session.underWay += 1;
      answer.then(
        (data) => {
          session.underWay -= 1;
          metrics.countCommand(name, "ok");
          ack?.({ ok: true, data });
        },
        (error: unknown) => {
          session.underWay -= 1;
          refuse(name, error, ack);
        },
      );
    } catch (error) {
      refuse(name, error, ack);
    }
  });
};
