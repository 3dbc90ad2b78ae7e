import type * as v from "valibot";
import type { AgentCommands, AgentEvents } from "../../server/contract/agent.ts";
import type { DataOf, PayloadInputOf } from "../../server/contract/define.ts";
import type { WidgetCommands, WidgetEvents } from "../../server/contract/widget.ts";

// Types only: the contract's schemas run on the server, so valibot never reaches a customer's page.

export type Namespace = "/widget" | "/agent";

export type CommandsOf<N extends Namespace> = N extends "/widget" ? WidgetCommands : AgentCommands;
export type EventsOf<N extends Namespace> = N extends "/widget" ? WidgetEvents : AgentEvents;

export type CommandName<N extends Namespace> = keyof CommandsOf<N> & string;
export type EventName<N extends Namespace> = keyof EventsOf<N> & string;

/** What a command carries, as its sender writes it. */
export type Payload<N extends Namespace, C extends CommandName<N>> = CommandsOf<N>[C] extends infer Spec
  ? Spec extends { payload: any; data: any; permission: any; entitlement: any; limit: any }
    ? PayloadInputOf<Spec>
    : never
  : never;

/** What a command is answered with. */
export type Data<N extends Namespace, C extends CommandName<N>> = CommandsOf<N>[C] extends infer Spec
  ? Spec extends { payload: any; data: any; permission: any; entitlement: any; limit: any }
    ? DataOf<Spec>
    : never
  : never;

/** What an event carries. */
export type EventData<N extends Namespace, E extends EventName<N>> = EventsOf<N>[E] extends infer Schema
  ? Schema extends v.GenericSchema<any, any>
    ? v.InferOutput<Schema>
    : never
  : never;

export type WidgetReady = v.InferOutput<WidgetEvents["session:ready"]>;
export type AgentReady = v.InferOutput<AgentEvents["session:ready"]>;

/** `session:ready` of either namespace; the fields only one of them has are optional here. */
export type Ready = Omit<WidgetReady, "visitorToken"> &
  Partial<Omit<WidgetReady, keyof AgentReady>> &
  Partial<Omit<AgentReady, keyof WidgetReady>>;
