import { sql, type SQL } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { AnyCtx, Ctx, Tx } from "../../context.ts";
import type { Conversation } from "../../contract/entities.ts";
import { agentRoom, contactRoom, departmentRoom, supervisorRoom, timelineRoom } from "../../realtime/rooms.ts";
import type { Node } from "../../context.ts";
import { notFound, visibleTo } from "./access.ts";

/** SQL: the conversation of the row at hand as the actor may see it. */
export const presentedFor = ({ actor }: Ctx): SQL<Conversation> =>
  sql<Conversation>`present_conversation(conversations, ${actor.kind}, ${actor.id}::uuid)`;

/** The conversation as the actor may see it, or `not_found`. */
export const presentConversation = async (ctx: Ctx, db: Db, conversationId: string): Promise<Conversation> => {
  const { rows } = await db.execute<{ conversation: Conversation }>(
    sql`SELECT ${presentedFor(ctx)} AS conversation FROM conversations WHERE id = ${conversationId} AND ${visibleTo(ctx)}`,
  );
  if (!rows[0]) throw notFound();
  return rows[0].conversation;
};

/** The conversation as one agent sees it; for telling them what another did. */
export const presentForAgent = async (
  db: Db,
  tenantId: string,
  conversationId: string,
  agentId: string,
): Promise<Conversation> => {
  const { rows } = await db.execute<{ conversation: Conversation }>(sql`
    SELECT present_conversation(conversations, 'agent', ${agentId}::uuid) AS conversation FROM conversations
    WHERE tenant_id = ${tenantId} AND id = ${conversationId}`);
  if (!rows[0]) throw notFound();
  return rows[0].conversation;
};

type Views = {
  contactId: string | null;
  departmentId: string | null;
  assigneeId: string | null;
  forContact: Conversation | null;
  forAgents: Conversation;
  unreadBy: Record<string, number>;
};

/** The conversation as each of its watchers sees it. `unreadBy` holds the agents whose count differs from a newcomer's. */
const viewsOf = async (db: Db, tenantId: string, conversationId: string): Promise<Views | undefined> => {
  const { rows } = await db.execute<Views>(sql`
    SELECT c.contact_id AS "contactId", c.department_id AS "departmentId", c.assignee_id AS "assigneeId",
      CASE WHEN c.contact_id IS NOT NULL THEN present_conversation(c, 'contact', c.contact_id) END AS "forContact",
      present_conversation(c, 'agent', NULL) AS "forAgents",
      coalesce((
        SELECT json_object_agg(v.id, count_unread(c, 'agent', v.id)) FROM (
          SELECT r.actor_id AS id FROM receipts r
          WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.actor_kind = 'agent'
          UNION
          SELECT p.actor_id FROM participants p
          WHERE p.tenant_id = c.tenant_id AND p.conversation_id = c.id AND p.actor_kind = 'agent'
          UNION
          SELECT e.author_id FROM entries e
          WHERE e.tenant_id = c.tenant_id AND e.conversation_id = c.id AND e.author_kind = 'agent' AND e.kind = 'message'
        ) v
        JOIN memberships m ON m.tenant_id = c.tenant_id AND m.user_id = v.id AND m.status = 'active'
        WHERE can_see(c, 'agent', v.id, m.role IN ('tenant_admin', 'manager', 'read_only'))
      ), '{}') AS "unreadBy"
    FROM conversations c WHERE c.tenant_id = ${tenantId} AND c.id = ${conversationId}`);
  return rows[0];
};

const tell = (node: Node, tenantId: string, views: Views, everywhere: boolean): void => {
  const emit = everywhere ? node.publish.emit : node.publish.emitLocally;
  const event = "conversation:updated";
  const { forContact, forAgents, unreadBy } = views;
  if (views.contactId) emit([contactRoom(tenantId, views.contactId)], event, { conversation: forContact });
  const readers = Object.keys(unreadBy);
  const watchers = [
    supervisorRoom(tenantId),
    ...(views.departmentId ? [departmentRoom(tenantId, views.departmentId)] : []),
    ...(views.assigneeId ? [agentRoom(tenantId, views.assigneeId)] : []),
  ];
  // Most agents have not looked yet and count alike; those who have get their own number.
  emit(watchers, event, { conversation: forAgents }, { rooms: readers.map((id) => agentRoom(tenantId, id)) });
  for (const id of readers)
    emit([agentRoom(tenantId, id)], event, { conversation: { ...forAgents, unread: unreadBy[id] } });
};

/** Tells everyone who watches the conversation its new state, once the transaction is committed. */
export const announceConversation = async (ctx: AnyCtx, tx: Tx, conversationId: string): Promise<void> => {
  const views = await viewsOf(tx.db, ctx.tenant.id, conversationId);
  if (views) tx.afterCommit(() => tell(ctx.node, ctx.tenant.id, views, true));
};

/** Tells it again to this node's own sockets, for a change they may have missed; its agent follows it from then on. */
export const healConversation = async (node: Node, tenantId: string, conversationId: string): Promise<void> => {
  const views = await node.tenancy.withTenant(tenantId, (db) => viewsOf(db, tenantId, conversationId));
  if (!views) return;
  if (views.assigneeId) {
    const followed = (["public", "internal"] as const).map((audience) =>
      timelineRoom(tenantId, conversationId, audience),
    );
    node.publish.moveLocally(agentRoom(tenantId, views.assigneeId), followed);
  }
  tell(node, tenantId, views, false);
};
