import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { departmentMembers, memberships, users } from "../../../db/schema/index.ts";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";

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
  if (ids.length === 0) return new Map<string, { id: string; name: string; status: string }>();
  const rows = await db
    .select({ id: memberships.userId, name: users.name, status: memberships.status })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.tenantId, tenantId), inArray(memberships.userId, ids)))
    .orderBy(asc(memberships.userId))
    .for("no key update", { of: memberships });
  return new Map(rows.map((row) => [row.id, row]));
};

/** Throws Refusal unless all of `ids` can be put into a department: `not_found`, or `conflict` for a deactivated one. */
export const ensureMembers = (known: Awaited<ReturnType<typeof lockMemberships>>, ids: string[]): void => {
  for (const id of ids) {
    const member = known.get(id);
    if (!member) throw new Refusal("not_found", "There is no such agent.", { agentId: id });
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
