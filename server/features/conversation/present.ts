import { sql, type SQL } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { AnyCtx, Ctx, Tx } from "../../context.ts";
import type { Availability, Conversation } from "../../contract/entities.ts";
import { builtInRolesThatSeeAll } from "../../contract/permissions.ts";
import { readerRoom, contactRoom, departmentRoom, supervisorRoom, timelineRoom } from "../../realtime/rooms.ts";
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
  id: string;
  contactId: string | null;
  departmentId: string | null;
  assignee: { id: string; name: string; availability: Availability } | null;
  forContact: Conversation | null;
  forAgents: Conversation;
  unreadBy: Record<string, number>;
};

/**
 * Conversations as each of their watchers sees them. `unreadBy` holds the agents whose count differs from a newcomer's:
 * whoever took part, read or wrote, and may still see it.
 */
const viewsOf = async (db: Db, tenantId: string, conversationIds: string[]): Promise<Views[]> => {
  const { rows } = await db.execute<Views>(sql`
    SELECT c.id, c.contact_id AS "contactId", c.department_id AS "departmentId",
      (SELECT json_build_object('id', u.id, 'name', u.name, 'availability', m.availability)
        FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.tenant_id = c.tenant_id AND m.user_id = c.assignee_id) AS assignee,
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
        JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
        WHERE can_see(c, 'agent', v.id, CASE WHEN r.built_in THEN r.key = ANY(${sql.param(builtInRolesThatSeeAll)}::text[])
          ELSE 'conversation.read_all' = ANY(r.permissions) END)
      ), '{}') AS "unreadBy"
    FROM conversations c WHERE c.tenant_id = ${tenantId} AND c.id = ANY(${sql.param(conversationIds)}::uuid[])`);
  return rows;
};

/** A contact hears how their agent is together with who it is; later changes come as presence. */
const tellAssignee = (node: Node, tenantId: string, { contactId, assignee }: Views, everywhere: boolean): void => {
  if (!contactId || !assignee) return;
  const { id, name, availability } = assignee;
  const tell = async () => {
    const present = await node.presence.among(tenantId, "agent", [id]);
    // Nothing is known: nothing is said.
    if (!present) return;
    const emit = everywhere ? node.publish.emit : node.publish.emitLocally;
    emit([contactRoom(tenantId, contactId)], "presence:changed", {
      actor: { kind: "agent", id, name },
      presence: present.get(id) ?? "offline",
      availability,
    });
  };
  void tell();
};

const watchersOf = (tenantId: string, { departmentId, assignee }: Views): string[] => [
  supervisorRoom(tenantId),
  ...(departmentId ? [departmentRoom(tenantId, departmentId)] : []),
  ...(assignee ? [readerRoom(tenantId, assignee.id)] : []),
];

const tell = (node: Node, tenantId: string, views: Views, everywhere: boolean): void => {
  const emit = everywhere ? node.publish.emit : node.publish.emitLocally;
  const event = "conversation:updated";
  const { forContact, forAgents, unreadBy } = views;
  if (views.contactId) emit([contactRoom(tenantId, views.contactId)], event, { conversation: forContact });
  const readers = Object.keys(unreadBy);
  // Most agents have not looked yet and count alike; those who have get their own number.
  emit(
    watchersOf(tenantId, views),
    event,
    { conversation: forAgents },
    {
      rooms: readers.map((id) => readerRoom(tenantId, id)),
    },
  );
  for (const id of readers)
    emit([readerRoom(tenantId, id)], event, { conversation: { ...forAgents, unread: unreadBy[id] } });
  tellAssignee(node, tenantId, views, everywhere);
};

/** Tells everyone who watches these conversations their new state, once the transaction is committed: one query for all. */
export const announceConversations = async (ctx: AnyCtx, tx: Tx, conversationIds: string[]): Promise<void> => {
  if (conversationIds.length === 0) return;
  const all = await viewsOf(tx.db, ctx.tenant.id, conversationIds);
  tx.afterCommit(() => {
    for (const views of all) tell(ctx.node, ctx.tenant.id, views, true);
  });
};

/** The same of one. */
export const announceConversation = (ctx: AnyCtx, tx: Tx, conversationId: string): Promise<void> =>
  announceConversations(ctx, tx, [conversationId]);

/** Whether its agent has it only since the last looks of healing. */
const wasJustGiven = async (db: Db, tenantId: string, conversationId: string): Promise<boolean> => {
  const { rows } = await db.execute(sql`
    SELECT FROM assignments WHERE tenant_id = ${tenantId} AND conversation_id = ${conversationId} AND ended_at IS NULL
      AND started_at > now() - interval '30 seconds'`);
  return rows.length > 0;
};

/** What a process without sockets gave an agent is news to them as well as what a node gave. */
const tellGiven = (node: Node, tenantId: string, { id, assignee, forAgents, unreadBy }: Views): void => {
  if (!assignee || !node.publish.hasMembers(readerRoom(tenantId, assignee.id))) return;
  if (!node.publish.told.assigned(id, assignee.id)) return;
  const conversation = { ...forAgents, unread: unreadBy[assignee.id] ?? forAgents.unread };
  node.publish.emitLocally([readerRoom(tenantId, assignee.id)], "conversation:assigned", { conversation });
};

/**
 * Tells it again to this node's own sockets, for a change they may have missed: its agent follows it from then on, and who
 * may no longer see it does not.
 */
export const healConversation = async (node: Node, tenantId: string, conversationId: string): Promise<void> => {
  const { views, given } = await node.tenancy.withTenant(tenantId, async (db) => {
    const [seen] = await viewsOf(db, tenantId, [conversationId]);
    return { views: seen, given: seen?.assignee ? await wasJustGiven(db, tenantId, conversationId) : false };
  });
  if (!views) return;
  const [publicRoom, internalRoom] = (["public", "internal"] as const).map((audience) =>
    timelineRoom(tenantId, conversationId, audience),
  ) as [string, string];
  const followed = [publicRoom, internalRoom];
  if (views.assignee) node.publish.moveLocally(readerRoom(tenantId, views.assignee.id), followed);
  const mayFollow = [
    ...watchersOf(tenantId, views),
    ...Object.keys(views.unreadBy).map((id) => readerRoom(tenantId, id)),
  ];
  node.publish.emitLocally([internalRoom], "conversation:removed", { conversationId }, { rooms: mayFollow });
  node.publish.moveLocally(internalRoom, [], followed, mayFollow);
  tell(node, tenantId, views, false);
  // Who gave it tells it after telling its state: a node is left the time to.
  if (given) setTimeout(() => tellGiven(node, tenantId, views), 1_000).unref();
  if (views.departmentId) node.queueNews.healed(tenantId, views.departmentId);
};
