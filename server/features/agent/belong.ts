import { sql } from "drizzle-orm";
import type { AnyCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";

/** Refuses departments that are not the tenant's, or take nothing any more. Throws Refusal `not_found`. */
export const ensureDepartments = async (ctx: AnyCtx, tx: Tx, ids: string[]): Promise<void> => {
  if (ids.length === 0) return;
  const { rows } = await tx.db.execute(sql`
    SELECT id FROM departments
    WHERE tenant_id = ${ctx.tenant.id} AND id = ANY(${sql.param(ids)}::uuid[]) AND archived_at IS NULL`);
  if (rows.length < ids.length) throw new Refusal("not_found", "There is no such department.");
};

/**
 * Has a member belong to these departments from now on, and leave others. The departments are locked in one order and
 * their decisions from now on bear another version.
 */
export const changeDepartments = async (
  ctx: AnyCtx,
  tx: Tx,
  userId: string,
  { join, leave }: { join: string[]; leave: string[] },
): Promise<void> => {
  const changed = [...join, ...leave];
  if (changed.length === 0) return;
  await tx.db.execute(sql`
    UPDATE departments d SET routing_version = d.routing_version + 1 FROM (
      SELECT id FROM departments WHERE tenant_id = ${ctx.tenant.id} AND id = ANY(${sql.param(changed)}::uuid[])
      ORDER BY id FOR NO KEY UPDATE
    ) changed WHERE d.tenant_id = ${ctx.tenant.id} AND d.id = changed.id`);
  await tx.db.execute(sql`
    DELETE FROM department_members
    WHERE tenant_id = ${ctx.tenant.id} AND user_id = ${userId} AND department_id = ANY(${sql.param(leave)}::uuid[])`);
  await tx.db.execute(sql`
    INSERT INTO department_members (tenant_id, department_id, user_id)
    SELECT ${ctx.tenant.id}::uuid, id, ${userId}::uuid FROM unnest(${sql.param(join)}::uuid[]) AS id
    ON CONFLICT DO NOTHING`);
};
