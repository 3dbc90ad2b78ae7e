import { and, desc, eq, lt } from "drizzle-orm";
import { subscriptionEvents } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import type { SubscriptionEvent } from "../../contract/workspace-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";

type Page = { cursor?: string | undefined; limit?: number | undefined };
const defaultLimit = 30;

/** Every change of plan and state, the newest first. Ids grow with time, so a page starts where the last one's id stood. */
export const listSubscriptionEvents = async ({ node, tenant }: AgentCtx, { cursor, limit = defaultLimit }: Page) => {
  const after = parseIdCursor(cursor);
  const rows = await node.tenancy.withTenant(tenant.id, (db) =>
    db
      .select()
      .from(subscriptionEvents)
      .where(
        and(
          eq(subscriptionEvents.tenantId, tenant.id),
          after === undefined ? undefined : lt(subscriptionEvents.id, after),
        ),
      )
      .orderBy(desc(subscriptionEvents.id))
      .limit(limit + 1),
  );
  const data = rows.slice(0, limit).map(
    (row) =>
      ({
        id: row.id,
        plan: row.plan,
        status: row.status,
        previousPlan: row.previousPlan,
        previousStatus: row.previousStatus,
        by: { kind: row.actorKind, id: row.actorId },
        reason: row.reason,
        createdAt: row.createdAt.toISOString(),
      }) as SubscriptionEvent,
  );
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.id : null };
};
