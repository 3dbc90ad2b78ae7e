import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { departmentMembers, departments } from "../../../db/schema/index.ts";
import { type AgentCtx, readsConversations, seesAll } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";

export type DepartmentRow = typeof departments.$inferSelect;

export const noDepartment = () => new Refusal("not_found", "There is no such department.");

/**
 * The department, locked until the transaction ends; `update` holds up even those who only mean to point at it. Throws
 * Refusal `not_found`, or `conflict` for one that is archived.
 */
export const lockDepartment = async (
  db: Db,
  tenantId: string,
  departmentId: string,
  strength: "update" | "no key update" = "no key update",
): Promise<DepartmentRow> => {
  const [row] = await db
    .select()
    .from(departments)
    .where(and(eq(departments.tenantId, tenantId), eq(departments.id, departmentId)))
    .for(strength);
  if (!row) throw noDepartment();
  if (row.archivedAt) throw new Refusal("conflict", `${row.name} is archived and can't be changed.`);
  return row;
};

/** Says `not_found` unless the agent sees the department's conversations: by belonging to it, or by seeing all there are. */
export const ensureInSight = async ({ actor, tenant }: AgentCtx, db: Db, departmentId: string): Promise<void> => {
  if (seesAll(actor)) return;
  const { tenantId, departmentId: id, userId } = departmentMembers;
  const own = and(eq(tenantId, tenant.id), eq(id, departmentId), eq(userId, actor.id));
  const rows = readsConversations(actor) ? await db.select({ id }).from(departmentMembers).where(own) : [];
  if (rows.length === 0) throw noDepartment();
};

/** Decisions from now on bear another version: what they rest on, policy or members, has changed. The row must be locked. */
export const raiseVersion = (db: Db, tenantId: string, departmentId: string) =>
  db
    .update(departments)
    .set({ routingVersion: sql`${departments.routingVersion} + 1` })
    .where(and(eq(departments.tenantId, tenantId), eq(departments.id, departmentId)));

/** Says `not_found` unless conversations can be sent to the department, which stays so until the transaction ends. */
export const ensureDepartment = async (db: Db, tenantId: string, departmentId: string): Promise<void> => {
  const [row] = await db
    .select({ archivedAt: departments.archivedAt })
    .from(departments)
    .where(and(eq(departments.tenantId, tenantId), eq(departments.id, departmentId)))
    .for("key share");
  if (!row || row.archivedAt) throw noDepartment();
};
