import * as v from "valibot";
import type { ErrorCode } from "./errors.ts";
import type { Permission } from "./permissions.ts";
import type { Feature } from "./plans.ts";

/**
 * Rate-limit classes; their sizes stand in `server/limits.ts`. `read`: changes nothing; what it may cost stands in
 * `server/read-budget.ts`. `start`: takes an agent's time.
 */
export type LimitClass = "message" | "write" | "read" | "signal" | "start";

/**
 * A feature the tenant's plan must include. Declared per command and route, so that it is asked in one place. What a plan
 * counts instead of switching, the action asks in the transaction that would add one more.
 */
export type Entitlement = Feature;

/**
 * What decides who gets in and what they may do: credentials, roles, who belongs to the workspace or to its departments, and
 * the origins and host names it answers to. `true`: all that is asked for; a list: these fields of it. Whoever acts as a
 * member may not.
 */
export type GrantsAccess = true | readonly string[];

type AnySchema = v.GenericSchema<any, any>;

export type CommandSpec<Payload extends AnySchema = AnySchema, Data extends AnySchema = AnySchema> = {
  payload: Payload;
  data: Data;
  /** The right an agent's role must hold; null: any actor of the namespace, the action checks ownership. */
  permission: Permission | null;
  entitlement: Entitlement | null;
  grantsAccess?: GrantsAccess;
  limit: LimitClass;
};

/** Declares one command: what comes in, what goes out, who may, and what it costs of the limits. */
export const command = <P extends AnySchema, D extends AnySchema>(
  spec: Pick<CommandSpec<P, D>, "payload" | "data" | "limit"> &
    Partial<Pick<CommandSpec, "permission" | "entitlement" | "grantsAccess">>,
): CommandSpec<P, D> => ({ permission: null, entitlement: null, ...spec });

export type Commands = Record<string, CommandSpec>;
export type PayloadOf<C extends CommandSpec> = v.InferOutput<C["payload"]>;
export type PayloadInputOf<C extends CommandSpec> = v.InferInput<C["payload"]>;
export type DataOf<C extends CommandSpec> = v.InferOutput<C["data"]>;

export type RouteSpec = {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/v1`, Koa style: `/conversations/:conversationId`. */
  path: string;
  /** What it does, as one line of the API's documentation. */
  summary: string;
  /** `none`: open to all; `agent`: an access token or an API key; `person`: an access token of somebody's own login. */
  auth: "none" | "agent" | "person";
  params?: AnySchema;
  query?: AnySchema;
  body?: AnySchema;
  /** What a caller might send; the documentation shows it and the tests send it. Ids are filled in by name. */
  example?: { query?: Record<string, string>; body?: Record<string, unknown> };
  status: number;
  response: AnySchema | null;
  /** It reads as much as the routes of the limit class `read`, whatever its own class: it shares their budget. */
  reads?: true;
  /** Where the answer is no JSON: the handler writes it itself, in one of these types. */
  streams?: string[];
  /** Refusals beyond those every route of its kind may answer. */
  errors?: readonly ErrorCode[];
  permission: Permission | null;
  entitlement: Entitlement | null;
  grantsAccess?: GrantsAccess;
  limit: LimitClass | "auth";
};

type Defaults = { permission: null; entitlement: null };

/** Declares one REST route. */
export const route = <const R extends Omit<RouteSpec, keyof Defaults> & Partial<RouteSpec>>(spec: R) =>
  ({ permission: null, entitlement: null, ...spec }) as Omit<Defaults, keyof R> & R;

/** `{ ok: true, data }` or `{ ok: false, error }`: the one argument of every ack. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: import("./errors.ts").ErrorBody };
