import { sql } from "drizzle-orm";
import type { Ctx, Node } from "../../context.ts";
import type { Availability } from "../../contract/entities.ts";
import type { PresenceChange } from "../../contract/shared.ts";

type Row = { id: string; name: string; availability: Availability };

/** How these agents are at this moment, as those they serve may know it. */
export const presenceOfAgents = async (node: Node, tenantId: string, ids: string[]): Promise<PresenceChange[]> => {
  const { rows } = await node.tenancy.withTenant(tenantId, (db) =>
    db.execute<Row>(sql`
      SELECT u.id, u.name, m.availability FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.tenant_id = ${tenantId} AND m.user_id = ANY(${sql.param(ids)}::uuid[])`),
  );
  const present = await node.presence.snapshot(tenantId);
  return rows.map(({ id, name, availability }) => ({
    actor: { kind: "agent", id, name },
    presence: present.get(id) ?? "offline",
    availability,
  }));
};

/**
 * The presence of whoever is on the other side, for a socket that has just begun to follow their conversations: contacts to
 * an agent, as far as this node knows them already (the others are told as soon as it does); agents to a contact.
 */
export const presenceOfCounterparts = async (ctx: Ctx, ids: string[]): Promise<PresenceChange[]> => {
  const { actor, node, tenant } = ctx;
  if (ids.length === 0) return [];
  if (actor.kind === "contact") return presenceOfAgents(node, tenant.id, ids);
  return ids.flatMap((id) => {
    const presence = node.presence.contact(tenant.id, id);
    return presence === undefined ? [] : [{ actor: { kind: "contact" as const, id }, presence }];
  });
};
