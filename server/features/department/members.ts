import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { departmentMembers, memberships, roles, users } from "../../../db/schema/index.ts";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { ensureMayChange, type Rights, type RoleRow } from "../role/rights.ts";

type Membership = { id: string; name: string; status: string; role: RoleRow };

/** Who belongs to a department, by id. */
export const listMemberIds = async (db: Db, tenantId: string, departmentId: string): Promise<string[]> => {
  const rows = await db
    .select({ id: departmentMembers.userId })
    .from(departmentMembers)
    .where(and(eq(departmentMembers.tenantId, tenantId), eq(departmentMembers.departmentId, departmentId)))
    .orderBy(asc(departmentMembers.userId));
  return rows.map(({ id }) => id);
};

/** Locks memberships in the one order, ahead of any department. Those that are none of the tenant's are left out. */
export const lockMemberships = async (db: Db, tenantId: string, ids: string[]) => {
  if (ids.length === 0) return new Map<string, Membership>();
  const rows = await db
    .select({
      id: memberships.userId,
      name: users.name,
      status: memberships.status,
      role: { key: roles.key, name: roles.name, builtIn: roles.builtIn, permissions: roles.permissions },
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .innerJoin(roles, and(eq(roles.tenantId, memberships.tenantId), eq(roles.key, memberships.role)))
    .where(and(eq(memberships.tenantId, tenantId), inArray(memberships.userId, ids)))
    .orderBy(asc(memberships.userId))
    .for("no key update", { of: memberships });
  return new Map<string, Membership>(rows.map((row) => [row.id, row]));
};

/**
 * Throws Refusal unless the actor may put these into a department and take those out of it: `not_found`, `permission_denied`
 * for who stands above the actor, `conflict` for a deactivated one who is to join.
 */
export const ensureMembers = (
  rights: Rights,
  known: ReadonlyMap<string, Membership>,
  { join, leave }: { join: string[]; leave: string[] },
): void => {
  for (const id of [...join, ...leave]) {
    const member = known.get(id);
    if (!member) throw new Refusal("not_found", "There is no such agent.", { agentId: id });
    ensureMayChange(rights, member);
    if (leave.includes(id)) continue;
    if (member.status !== "active")
      throw new Refusal("conflict", `${member.name} is deactivated and can't join a department.`, { agentId: id });
  }
};

/** Has agents come back with what they may see now: their departments have changed. Their memberships must be locked. */
export const changeAccess = async (ctx: AgentCtx, tx: Tx, ids: string[]): Promise<void> => {
  if (ids.length === 0) return;
  await tx.db
    .update(memberships)
    .set({ accessVersion: sql`${memberships.accessVersion} + 1` })
    .where(and(eq(memberships.tenantId, ctx.tenant.id), inArray(memberships.userId, ids)));
  tx.afterCommit(() => {
    for (const id of ids) ctx.node.publish.changeAccess(ctx.tenant.id, id);
  });
};

/** Puts agents into a department and takes others out of it, and tells their sockets. The memberships must be locked. */
export const changeMembers = async (
  ctx: AgentCtx,
  tx: Tx,
  departmentId: string,
  { join, leave }: { join: string[]; leave: string[] },
): Promise<void> => {
  const tenantId = ctx.tenant.id;
  if (join.length > 0)
    await tx.db
      .insert(departmentMembers)
      .values(join.map((userId) => ({ tenantId, departmentId, userId })))
      .onConflictDoNothing();
  if (leave.length > 0)
    await tx.db
      .delete(departmentMembers)
      .where(
        and(
          eq(departmentMembers.tenantId, tenantId),
          eq(departmentMembers.departmentId, departmentId),
          inArray(departmentMembers.userId, leave),
        ),
      );
  await changeAccess(ctx, tx, [...join, ...leave].toSorted());
};
