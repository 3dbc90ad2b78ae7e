import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import type { Db } from "../db/client.ts";
import { auditEvents } from "../db/schema/index.ts";
import type { Actor, Author } from "./contract/entities.ts";
import type { GrantsAccess } from "./contract/define.ts";
import { Refusal } from "./contract/errors.ts";
import type { Permission } from "./contract/permissions.ts";
import type { PlanName } from "./contract/plans.ts";
import type { Deps } from "./deps.ts";
import { redact } from "./features/audit-event/redact.ts";
import { markTaken, type Once } from "./features/idempotency/mark.ts";
import type { Append } from "./timeline/append.ts";
import type { Receipts } from "./timeline/receipts.ts";
import type { Publish } from "./realtime/publish.ts";
import type { QueueNews } from "./realtime/queue-news.ts";
import type { PresenceBoard } from "./realtime/presence.ts";

export type ContactActor = { kind: "contact"; id: string; name?: string; verified: boolean; inboxId: string };
export type AgentActor = {
  kind: "agent";
  id: string;
  name: string;
  role: string;
  permissions: ReadonlySet<Permission>;
  sessionId: string;
  /** Who really acts, where it is not the agent: one of Parley's staff, or the agent's API key. */
  via?: { kind: "platform" | "api_key"; id: string; name: string };
  /** May look and change nothing. */
  readOnly?: boolean;
};
/** Parley itself: routing and sweeping act as nobody. */
export type SystemActor = { kind: "system"; id?: undefined; name?: undefined };
export type CtxActor = ContactActor | AgentActor;

/** What a node adds to `Deps`: the parts that live as long as it does. */
export type Node = Deps & {
  append: Append;
  receipts: Receipts;
  publish: Publish;
  presence: PresenceBoard;
  queueNews: QueueNews;
};

/** Who asks, in which tenant, and what the answer may use. One per request or command. */
export type Ctx<A extends CtxActor | SystemActor = CtxActor> = {
  tenant: { id: string; name: string; plan?: PlanName };
  actor: A;
  node: Node;
  log: Logger;
  requestId?: string;
  address?: string;
  /** The socket a command came by. */
  socketId?: string;
  /** Set for a request with an Idempotency-Key: the first transaction that changes something says so in itself. */
  once?: Once;
};
export type AgentCtx = Ctx<AgentActor>;
export type ContactCtx = Ctx<ContactActor>;
export type AnyCtx = Ctx<CtxActor | SystemActor>;

/** A transaction of an action: what it writes, and what is told once it is committed. */
export type Tx = {
  db: Db;
  /** Runs after the commit, in order; never when the transaction fails. */
  afterCommit: (effect: () => void) => void;
  /** Writes an audit event into this transaction. What the change holds must be free of secrets. */
  audit: (
    action: string,
    targetId: string | undefined,
    change?: { before?: unknown; after?: unknown },
  ) => Promise<void>;
};

/** Who an audit event names: whoever really acted, and on whose behalf. */
const auditedActor = (actor: CtxActor | SystemActor) => {
  const via = viaOf(actor);
  if (!via) return { actorKind: actor.kind, actorId: actor.id, actorName: actor.name };
  return { actorKind: via.kind, actorId: via.id, actorName: via.name, onBehalfOfId: actor.id };
};

/** Runs `work` in one transaction of the actor's tenant, then what it left for after the commit. */
export const transaction = async <T>(ctx: AnyCtx, work: (tx: Tx) => Promise<T>): Promise<T> => {
  let effects: (() => void)[] = [];
  const { once } = ctx;
  const marks = once && !once.taken && once.tenantId === ctx.tenant.id ? once : undefined;
  const result = await ctx.node.tenancy.withTenant(
    ctx.tenant.id,
    async (db) => {
      // A deadlock's loser runs again: what the lost run wanted told must not be told.
      effects = [];
      const done = await work({
        db,
        afterCommit: (effect) => effects.push(effect),
        audit: async (action, targetId, change) => {
          await db.insert(auditEvents).values({
            tenantId: ctx.tenant.id,
            id: uuidv7(),
            ...auditedActor(ctx.actor),
            action,
            targetId,
            before: redact(change?.before),
            after: redact(change?.after),
            requestId: ctx.requestId,
            address: ctx.address,
          });
        },
      });
      if (marks) await markTaken(db, marks);
      return done;
      // What Parley does by itself, such as routing, does not stand behind all that the tenant's people ask for.
    },
    ctx.actor.kind === "system",
  );
  if (marks) marks.taken = true;
  for (const effect of effects) effect();
  return result;
};

/** The actor as the wire names it. */
export const presentActor = (actor: CtxActor): Actor => ({
  kind: actor.kind,
  id: actor.id,
  ...(actor.name !== undefined && { name: actor.name }),
});

/** The actor as the author of an entry. */
export const authorOf = (actor: CtxActor | SystemActor): Author =>
  actor.kind === "system" ? { kind: "system" } : presentActor(actor);

/** A context in which Parley itself acts for a tenant. */
export const systemCtx = (node: Node, tenant: Ctx["tenant"]): Ctx<SystemActor> => ({
  tenant,
  actor: { kind: "system" },
  node,
  log: node.log,
});

export const can = (actor: CtxActor, permission: Permission): boolean =>
  actor.kind === "agent" && actor.permissions.has(permission);

/** Refuses what takes a right beside that of the command or route itself. Throws Refusal `permission_denied`. */
export const ensureCan = (actor: CtxActor, permission: Permission): void => {
  if (!can(actor, permission)) throw new Refusal("permission_denied", `Your role does not include ${permission}.`);
};

/** Who really acts, where it is not the actor themselves: one of Parley's staff, or an API key. */
export const viaOf = (actor: CtxActor | SystemActor): AgentActor["via"] =>
  actor.kind === "agent" ? actor.via : undefined;

/** Whether one of Parley's staff acts in the agent's place. */
export const isImpersonated = (actor: CtxActor): boolean => actor.kind === "agent" && actor.via?.kind === "platform";

/**
 * Keeps one of Parley's staff who acts as a member from what would outlive that: a credential, a role, another way in.
 * `payload`: what is asked for, once it is known. Throws Refusal `permission_denied`.
 */
export const refuseImpersonator = (
  actor: CtxActor,
  { grantsAccess }: { grantsAccess?: GrantsAccess },
  payload?: unknown,
): void => {
  if (grantsAccess === undefined || !isImpersonated(actor)) return;
  const asked = (payload ?? {}) as Record<string, unknown>;
  if (grantsAccess === true || grantsAccess.some((field) => asked[field] !== undefined))
    throw new Refusal(
      "permission_denied",
      "Acting as a member, you can't change who gets in or what they may do. Ask a member to do it.",
    );
};

/** Whether the actor may see conversations at all. A contact has no role: what they see are their own. */
export const readsConversations = (actor: CtxActor): boolean =>
  actor.kind === "contact" || can(actor, "conversation.read");

/** Whether the actor sees every support conversation of the tenant: the right to see all widens the right to see. */
export const seesAll = (actor: CtxActor): boolean => readsConversations(actor) && can(actor, "conversation.read_all");

/** Whether the actor may know the name and the state of one of the tenant's agents. */
export const seesAgent = (actor: CtxActor | SystemActor, agentId: string): boolean =>
  actor.kind === "system" || actor.id === agentId || can(actor, "agent.read");

export const isAgent = (ctx: Ctx): ctx is AgentCtx => ctx.actor.kind === "agent";

/** The context as an agent's. Throws Refusal for anybody else. */
export const asAgent = (ctx: Ctx): AgentCtx => {
  if (!isAgent(ctx)) throw new Refusal("permission_denied", "Only agents may do this.");
  return ctx;
};
