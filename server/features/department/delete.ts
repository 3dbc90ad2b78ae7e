import { and, eq, sql } from "drizzle-orm";
import { departmentMembers, departments } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { accessTenant } from "../tenant/access.ts";
import { type DepartmentRow, lockDepartment } from "./access.ts";
import { archivedName } from "./archived-name.ts";
import { changeAccess, listMemberIds, lockMemberships } from "./members.ts";

type Uses = {
  inboxes: { id: string; name: string }[];
  departments: { id: string; name: string }[];
  unresolved: number;
};

/** What still leads into a department, or waits in it. */
const usesOf = async (ctx: AgentCtx, tx: Tx, id: string): Promise<Uses> => {
  const tenantId = ctx.tenant.id;
  const { rows } = await tx.db.execute<Uses>(sql`
    SELECT coalesce((SELECT json_agg(json_build_object('id', i.id, 'name', i.name) ORDER BY i.name, i.id) FROM inboxes i
        WHERE i.tenant_id = ${tenantId} AND i.department_id = ${id}
          AND EXISTS (SELECT FROM inbox_keys k WHERE k.key = i.key AND k.tenant_id = i.tenant_id)), '[]') AS inboxes,
      coalesce((SELECT json_agg(json_build_object('id', d.id, 'name', d.name) ORDER BY d.name, d.id) FROM departments d
        WHERE d.tenant_id = ${tenantId} AND d.fallback_department_id = ${id} AND d.archived_at IS NULL), '[]') AS departments,
      -- Each half in the words of an index that holds nothing else, since everybody who starts a conversation waits for this.
      (SELECT count(*)::integer FROM conversations c
        WHERE c.tenant_id = ${tenantId} AND c.department_id = ${id} AND c.status = 'queued') +
      (SELECT count(*)::integer FROM conversations c
        WHERE c.tenant_id = ${tenantId} AND c.department_id = ${id} AND c.status IN ('open', 'pending', 'snoozed')) AS unresolved`);
  return rows[0]!;
};

const namesOf = (rows: { name: string }[]) => rows.map(({ name }) => name).join(", ");

const refuseUsed = ({ name }: DepartmentRow, { inboxes, departments: others, unresolved }: Uses): void => {
  if (inboxes.length > 0)
    throw new Refusal(
      "conflict",
      `${name} gets the conversations of ${namesOf(inboxes)}. Choose another there first.`,
      {
        inboxes,
      },
    );
  if (others.length > 0)
    throw new Refusal("conflict", `${name} is the fallback of ${namesOf(others)}. Choose another there first.`, {
      departments: others,
    });
  if (unresolved > 0)
    throw new Refusal(
      "conflict",
      unresolved === 1
        ? `A conversation in ${name} is not resolved. Resolve or transfer it first.`
        : `${unresolved} conversations in ${name} are not resolved. Resolve or transfer them first.`,
      { unresolved },
    );
};

/** Whether anything of the past speaks of the department. */
const hasHistory = async (ctx: AgentCtx, tx: Tx, id: string): Promise<boolean> => {
  const of = (table: string) => sql`
    EXISTS (SELECT FROM ${sql.identifier(table)} WHERE tenant_id = ${ctx.tenant.id} AND department_id = ${id})`;
  const { rows } = await tx.db.execute<{ has: boolean }>(sql`
    SELECT ${of("assignments")} OR ${of("conversations")} OR ${of("offers")} AS has`);
  return rows[0]!.has;
};

/**
 * Removes a department. One that ever had a conversation is archived: it keeps its members, so that whoever saw its
 * conversations still does, and its fallback, where those go that are reopened; it gives its name and its hours free. Throws
 * Refusal `conflict` while an inbox or a fallback leads into it, or a conversation in it is not resolved.
 */
export const deleteDepartment = (ctx: AgentCtx, { departmentId }: { departmentId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    await accessTenant(tx.db, tenantId, { lock: true });
    const members = await listMemberIds(tx.db, tenantId, departmentId);
    await lockMemberships(tx.db, tenantId, members);
    // Whoever starts a conversation in it now waits for us: what is counted is what there is.
    const row = await lockDepartment(tx.db, tenantId, departmentId, "update");
    refuseUsed(row, await usesOf(ctx, tx, departmentId));
    const here = and(eq(departments.tenantId, tenantId), eq(departments.id, departmentId));
    await changeAccess(ctx, tx, members);
    if (await hasHistory(ctx, tx, departmentId)) {
      const name = await archivedName(tx.db, tenantId, row.name);
      await tx.db
        .update(departments)
        .set({
          name,
          archivedAt: sql`now()`,
          businessHoursId: null,
          routingVersion: sql`${departments.routingVersion} + 1`,
        })
        .where(here);
      await tx.audit("department.archive", departmentId, { before: { name: row.name }, after: { name } });
      return;
    }
    await tx.db.execute(sql`
      UPDATE departments SET fallback_department_id = NULL, fallback_after_seconds = NULL
      WHERE tenant_id = ${tenantId} AND fallback_department_id = ${departmentId}`);
    await tx.db.execute(sql`
      UPDATE inboxes SET department_id = NULL WHERE tenant_id = ${tenantId} AND department_id = ${departmentId}`);
    await tx.db.execute(sql`
      UPDATE invitations SET department_ids = array_remove(department_ids, ${departmentId}::uuid)
      WHERE tenant_id = ${tenantId} AND ${departmentId}::uuid = ANY (department_ids)`);
    await tx.db
      .delete(departmentMembers)
      .where(and(eq(departmentMembers.tenantId, tenantId), eq(departmentMembers.departmentId, departmentId)));
    await tx.db.delete(departments).where(here);
    const { name, strategy, position } = row;
    await tx.audit("department.delete", departmentId, { before: { name, strategy, position, memberIds: members } });
  });
