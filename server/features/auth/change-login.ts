import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { listOf } from "../../../db/across-tenants.ts";
import type { Db } from "../../../db/client.ts";
import { auditEvents, memberships } from "../../../db/schema/index.ts";
import type { Database } from "../../../db/tenancy.ts";
import type { AgentActor, AgentCtx, Node } from "../../context.ts";
import { markTaken, type Once } from "../idempotency/mark.ts";
import { endImpersonationsOf } from "../impersonation/end.ts";
import { type Mail, queueMail } from "../mail/queue.ts";
import { placesOf } from "./places.ts";

/** Who changes their login, and by which request. */
export type Changer = {
  node: Node;
  user: { id: string; name: string };
  requestId?: string | undefined;
  address?: string | undefined;
  once?: Once;
};

type Change = {
  /** What the audit log calls it. */
  action: string;
  /** What is written beside the end of sessions; what it throws undoes everything. */
  write?: (db: Db) => Promise<void>;
  /** Which sessions end: all, all but the one named, or none. */
  end: "all" | "none" | { allBut: string };
  mail?: Mail;
};

type Ended = { tenantId: string; id: string };

const endSessions = async (db: Db, tenantIds: string[], userId: string, end: Change["end"]): Promise<Ended[]> => {
  if (end === "none") return [];
  const kept = end === "all" ? null : end.allBut;
  // A session that is just beginning holds the login: it is waited for, so that it is among those that end.
  await db.execute(sql`SELECT FROM users WHERE id = ${userId} FOR NO KEY UPDATE`);
  const { rows } = await db.execute<Ended>(sql`
    UPDATE sessions SET revoked_at = now()
    WHERE tenant_id = ANY(${listOf(tenantIds)}) AND user_id = ${userId} AND revoked_at IS NULL AND expires_at > now() AND id IS DISTINCT FROM ${kept}::uuid
    RETURNING tenant_id AS "tenantId", id`);
  return rows;
};

/** What one of Parley's staff does as members of customers' workspaces stands on sessions of those members: it ends too. */
const endImpersonations = async ({ node, user, requestId, address }: Changer): Promise<void> => {
  const { id: userId, name } = user;
  const actor: AgentActor = { kind: "agent", id: userId, name, role: "", permissions: new Set(), sessionId: "" };
  for (const id of await node.directory.listTenantsOf(userId)) {
    const ctx: AgentCtx = { tenant: { id, name: "" }, actor, node, log: node.log };
    await endImpersonationsOf({ ...ctx, ...(requestId && { requestId }), ...(address && { address }) }, userId);
  }
};

/** Writes the change, ends sessions and leaves a line in the audit logs, of those of these workspaces that are in one database. */
const changeAt = (changer: Changer, change: Change, database: Database, ids: string[]): Promise<Ended[]> => {
  const { node, user, requestId, address, once } = changer;
  return node.tenancy.withTenants(database, ids, async (db) => {
    await change.write?.(db);
    const rows = await endSessions(db, ids, user.id, change.end);
    const members = await db
      .select({ tenantId: memberships.tenantId })
      .from(memberships)
      .where(sql`user_id = ${user.id} AND status = 'active'`);
    if (members.length > 0)
      await db.insert(auditEvents).values(
        members.map(({ tenantId }) => ({
          tenantId,
          id: uuidv7(),
          actorKind: "agent",
          actorId: user.id,
          actorName: user.name,
          action: change.action,
          targetId: user.id,
          after: { endedSessions: rows.filter((row) => row.tenantId === tenantId).length },
          requestId,
          address,
        })),
      );
    if (change.mail) await queueMail({ db }, members[0]?.tenantId ?? ids[0]!, change.mail);
    if (once && !once.taken && ids.includes(once.tenantId)) await markTaken(db, once);
    return rows;
  });
};

/**
 * Changes what a login is in all its workspaces at once, and ends its sessions there with their live sockets: a login is
 * one person's, whichever workspace they are in. Each workspace they belong to finds it in its audit log. Where sessions
 * end, so does what they do as members of other workspaces. Answers how many sessions ended.
 */
export const changeLogin = async (changer: Changer, change: Change): Promise<number> => {
  const { node, user, once } = changer;
  const ended: Ended[] = [];
  const reached = new Set<string>();
  const changeThere = async (left: Change): Promise<void> => {
    for (const [database, all] of await placesOf(node, user.id)) {
      const ids = all.filter((id) => !reached.has(id));
      if (ids.length === 0) continue;
      ended.push(...(await changeAt(changer, left, database, ids)));
      for (const id of ids) reached.add(id);
      delete left.mail;
    }
  };
  await changeThere({ ...change });
  // A workspace they joined while the write waited for their login: the session that began there did so by what it was before.
  if (change.end !== "none") await changeThere({ action: change.action, end: change.end });
  if (once) once.taken = true;
  for (const { tenantId, id } of ended) node.publish.endSession(tenantId, id, "session_revoked");
  if (change.end !== "none") await endImpersonations(changer);
  return ended.length;
};
