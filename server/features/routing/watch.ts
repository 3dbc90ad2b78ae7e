import { sql } from "drizzle-orm";
import { askPortions } from "../../../db/across-tenants.ts";
import { type Database, placesByDatabase } from "../../../db/tenancy.ts";
import type { Node } from "../../context.ts";
import { agentRoom } from "../../realtime/rooms.ts";
import { joinMembership } from "../department/membership-of.ts";
import { type Held, healOffers } from "../offer/heal.ts";
import { lapseOffer } from "../offer/lapse.ts";
import { lapseAfter } from "../offer/timer.ts";
import { enableOffers, routeDepartments, stopRouting } from "./dispatch.ts";

/** How often a node looks for what was left waiting: twice, and a Redis that has just come back, fit into five seconds. */
const everyMs = 1_500;

type Waiting = { tenantId: string; departmentId: string; agentIds: string[] };
type HeldOut = Held & { over: boolean; settled: boolean };

/** Departments in which somebody waits while somebody has a slot, as far as the tables know. */
const listOpen = (node: Node, database: Database, tenantIds: string[]) =>
  askPortions<Waiting>(
    node.tenancy,
    database,
    tenantIds,
    (tenants) => sql`
      SELECT d.tenant_id AS "tenantId", d.id AS "departmentId", free.ids AS "agentIds"
      FROM departments d
      CROSS JOIN LATERAL (
        SELECT array_agg(m.user_id) AS ids FROM department_members dm ${joinMembership}
        WHERE dm.tenant_id = d.tenant_id AND dm.department_id = d.id
          AND m.status = 'active' AND m.availability = 'available' AND m.active_count < m.capacity
      ) free
      WHERE d.tenant_id = ANY(${tenants}) AND d.strategy <> 'manual' AND d.archived_at IS NULL AND free.ids IS NOT NULL
        AND EXISTS (
          SELECT FROM conversations c
          WHERE c.tenant_id = d.tenant_id AND c.department_id = d.id AND c.status = 'queued'
            AND NOT EXISTS (
              SELECT FROM offers o WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.status = 'pending'))`,
    true,
  );

const listHeldOut = (node: Node, database: Database, tenantIds: string[]) =>
  askPortions<HeldOut>(
    node.tenancy,
    database,
    tenantIds,
    (tenants) => sql`
      SELECT tenant_id AS "tenantId", conversation_id AS "conversationId", agent_id AS "agentId",
        wire_time(offered_at) AS "offeredAt", expires_at <= now() AS over, offered_at < now() - interval '1 second' AS settled
      FROM offers WHERE tenant_id = ANY(${tenants}) AND status = 'pending'`,
    true,
  );

/** Passes on what is held out to nobody: the time is over, or the agent is gone. */
const passOn = async (node: Node, held: HeldOut[]): Promise<void> => {
  const present = new Map<string, ReadonlySet<string> | undefined>();
  for (const { tenantId, conversationId, agentId, over } of held) {
    // Only where it is certain who is gone: an outage of Redis must not take anything from anybody.
    if (!over && !present.has(tenantId)) present.set(tenantId, await node.presence.listCertain(tenantId));
    const there = over ? undefined : present.get(tenantId);
    if (over || (there && !there.has(agentId)))
      await lapseOffer(node, { id: tenantId, name: "" }, conversationId, { gone: agentId }).catch((error: unknown) =>
        node.log.debug({ err: error, tenantId }, "an offer that may have lapsed is left to the next look"),
      );
  }
};

/**
 * A node's own look at the queues of the tenants whose agents it serves: whatever a node that died, a Redis that was away or
 * a lost hint left behind is handed out within seconds. An agent who is free is connected to some node, and that node finds
 * what waits for them; so it needs no other process to be alive.
 */
export const watchRouting = (node: Node, listTenants: () => string[]): { stop: () => Promise<void> } => {
  let looking: Promise<void> | undefined;
  enableOffers(node, (tenant, conversationId, ms) => lapseAfter(node, tenant, conversationId, ms));

  const look = async (): Promise<void> => {
    const tenants = listTenants().map((tenantId) => ({ tenantId }));
    for (const [database, places] of placesByDatabase(node.tenancy, tenants)) {
      const tenantIds = places.map((place) => tenants[place]!.tenantId);
      const waiting = await listOpen(node, database, tenantIds);
      for (const { tenantId, departmentId, agentIds } of waiting)
        if (agentIds.some((id) => node.publish.hasMembers(agentRoom(tenantId, id))))
          routeDepartments(node, { id: tenantId, name: "" }, [departmentId], "reconciled");
      const held = await listHeldOut(node, database, tenantIds);
      await passOn(node, held);
      await healOffers(
        node,
        held.filter(({ over, settled }) => settled && !over),
      );
    }
  };

  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => node.log.debug({ err: error }, "the queues could not be looked at"))
      .finally(() => {
        looking = undefined;
      });
  }, everyMs);

  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
      await stopRouting(node);
    },
  };
};
