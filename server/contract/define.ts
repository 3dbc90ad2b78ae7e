import * as v from "valibot";
import type { Permission } from "./permissions.ts";

/** Rate-limit classes; their sizes stand in `server/realtime/limits.ts`. */
export type LimitClass = "message" | "write" | "read" | "signal";

/** What a plan may switch on or off. Declared per command, so the pipeline asks in one place. */
export type Entitlement = "conversations";

type AnySchema = v.GenericSchema<any, any>;

export type CommandSpec<Payload extends AnySchema = AnySchema, Data extends AnySchema = AnySchema> = {
  payload: Payload;
  data: Data;
  /** The right an agent's role must hold; null: any actor of the namespace, the action checks ownership. */
  permission: Permission | null;
  entitlement: Entitlement | null;
  limit: LimitClass;
};

/** Declares one command: what comes in, what goes out, who may, and what it costs of the limits. */
export const command = <P extends AnySchema, D extends AnySchema>(
  spec: Pick<CommandSpec<P, D>, "payload" | "data" | "limit"> &
    Partial<Pick<CommandSpec, "permission" | "entitlement">>,
): CommandSpec<P, D> => ({ permission: null, entitlement: null, ...spec });

export type Commands = Record<string, CommandSpec>;
export type PayloadOf<C extends CommandSpec> = v.InferOutput<C["payload"]>;
export type PayloadInputOf<C extends CommandSpec> = v.InferInput<C["payload"]>;
export type DataOf<C extends CommandSpec> = v.InferOutput<C["data"]>;

export type RouteSpec = {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/v1`, Koa style: `/conversations/:conversationId`. */
  path: string;
  /** `none`: open to all; `agent`: an access token. */
  auth: "none" | "agent";
  params?: AnySchema;
  query?: AnySchema;
  body?: AnySchema;
  status: number;
  response: AnySchema | null;
  permission: Permission | null;
  entitlement: Entitlement | null;
  limit: LimitClass | "auth";
};

type Defaults = { permission: null; entitlement: null };

/** Declares one REST route. */
export const route = <const R extends Omit<RouteSpec, keyof Defaults> & Partial<RouteSpec>>(spec: R) =>
  ({ permission: null, entitlement: null, ...spec }) as Omit<Defaults, keyof R> & R;

/** `{ ok: true, data }` or `{ ok: false, error }`: the one argument of every ack. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: import("./errors.ts").ErrorBody };
