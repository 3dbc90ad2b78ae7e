import type { Ctx, Node } from "../../context.ts";
import type { Trigger } from "../../contract/routing.ts";
import type { Arm } from "../offer/make.ts";
import { type Errand, handOut } from "./hand-out.ts";
import { createLanes, type Lanes, type Work } from "./lanes.ts";
import { listWaiting } from "./queue.ts";

type Tenant = Ctx["tenant"];
/** A department whose queue is to be served, and what brought single conversations into it. */
type Mark = Errand & {
  triggers: Map<string, Trigger>;
  /** It stands in its round at its place already. */
  inOrder?: boolean;
};

// A third of the connections a node has by default: routing leaves the rest to those who ask.
const tenantsAtOnce = 3;

type Routing = { lanes: Lanes<Mark>; arm: Arm | undefined; stop: () => Promise<void> };

/** The earlier trigger is why the queue is served; what comes in later has it served from its beginning. */
const merge = (there: Mark, added: Mark): Mark => ({
  ...there,
  after: added.after,
  triggers: new Map([...there.triggers, ...added.triggers]),
});

const createRouting = (node: Node): Routing => {
  const alarms = new Map<string, { timer: NodeJS.Timeout; mark: Mark }>();

  /** A round's departments by their position; asked once a round. */
  const inOrder = async (tenantId: string, round: Work<Mark>): Promise<string[]> => {
    const ids = [...round.keys()];
    if ([...round.values()].every((mark) => mark.inOrder)) return ids;
    return node.tenancy.withTenant(tenantId, (db) => listWaiting(db, tenantId, ids), true);
  };

  /** One turn of a tenant: a batch of that department's queue whose position comes first in the round. */
  const serve = async (tenantId: string, round: Work<Mark>): Promise<{ left: Work<Mark>; next: Work<Mark> }> => {
    const left: Work<Mark> = new Map();
    const next: Work<Mark> = new Map();
    // Nobody there, or Redis can't say who is: it waits, and is found again by the reconcilers.
    const present = await node.presence.listPresent(tenantId);
    if (!present || present.length === 0) return { left, next };
    const [first, ...others] = round.size === 1 ? round.keys() : await inOrder(tenantId, round);
    if (first === undefined) return { left, next };
    for (const departmentId of others) left.set(departmentId, { ...round.get(departmentId)!, inOrder: true });
    const mark = round.get(first)!;
    const tenant = { id: tenantId, name: "" };
    const stop = node.metrics.routingSeconds.startTimer();
    const { after, againMs } = await handOut(node, tenant, mark, {
      present: new Set(present),
      triggers: mark.triggers,
      arm: routing.arm,
    });
    stop();
    // The rest of a long queue waits for the other departments' turns: their agents may be others.
    if (after) next.set(first, { ...mark, after, inOrder: false });
    if (againMs !== undefined) again(tenantId, mark, againMs);
    return { left, next };
  };

  const lanes = createLanes<Mark>({
    serve,
    merge,
    width: tenantsAtOnce,
    onError: (error) => node.log.warn({ err: error }, "routing left conversations in the queue"),
  });

  /** Has one department served once more a little later, from its beginning, for the reasons there were. */
  const again = (tenantId: string, { departmentId, trigger, triggers }: Mark, ms: number): void => {
    const key = `${tenantId}:${departmentId}:${ms}`;
    const mark: Mark = { departmentId, trigger, triggers };
    const set = alarms.get(key);
    if (set) {
      set.mark = merge(set.mark, mark);
      return;
    }
    const timer = setTimeout(() => {
      const due = alarms.get(key)!;
      alarms.delete(key);
      lanes.add(tenantId, new Map([[departmentId, due.mark]]));
    }, ms);
    alarms.set(key, { timer: timer.unref(), mark });
  };

  const routing: Routing = {
    lanes,
    arm: undefined,
    stop: () => {
      for (const { timer } of alarms.values()) clearTimeout(timer);
      return lanes.stop();
    },
  };
  return routing;
};

const routings = new WeakMap<Node, Routing>();

const routingOf = (node: Node): Routing => {
  const known = routings.get(node);
  if (known) return known;
  const made = createRouting(node);
  routings.set(node, made);
  return made;
};

/**
 * Has the queues of these departments served, soon and in turn with other tenants'. Returns at once; call it after the
 * commit that gives occasion. However many occasions come, a queue is served once more after the last of them.
 * `conversationId`: the one that `trigger` is about; a decision on any other then says the same of the department.
 */
export const routeDepartments = (
  node: Node,
  tenant: Tenant,
  departmentIds: readonly string[],
  trigger: Trigger,
  conversationId?: string,
): void => {
  const triggers = conversationId === undefined ? [] : [[conversationId, trigger] as const];
  routingOf(node).lanes.add(
    tenant.id,
    new Map(
      departmentIds.map((departmentId) => [departmentId, { departmentId, trigger, triggers: new Map(triggers) }]),
    ),
  );
};

/** The same, and resolves once nothing of the tenant's is left that could be handed out now. */
export const drainQueue = (
  node: Node,
  tenant: Tenant,
  departmentIds: readonly string[],
  trigger: Trigger,
): Promise<void> => {
  routeDepartments(node, tenant, departmentIds, trigger);
  return routingOf(node).lanes.idle(tenant.id);
};

/** Lets this node make offers: it has sockets to tell them to, and sees to it that they end. */
export const enableOffers = (node: Node, arm: Arm): void => {
  routingOf(node).arm = arm;
};

/** Lets what is under way end, and begins nothing more on this node. */
export const stopRouting = (node: Node): Promise<void> => routingOf(node).stop();
