import { sql } from "drizzle-orm";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { type Permission, permissionsOf } from "../../contract/permissions.ts";
import { noDepartment } from "../department/access.ts";

export type RoleRow = { key: string; name: string; builtIn: boolean; permissions: string[] };

/** Departments whose conversations somebody sees. */
type Departments = ReadonlySet<string> | "all";

/** What an actor may hand out at this moment, and how the role is called that somebody must always hold. */
export type Rights = { held: ReadonlySet<string>; departments: Departments; adminRole: string };

/** Of somebody who holds these rights and belongs to these departments. */
export const departmentsOf = (held: ReadonlySet<string>, belongsTo: readonly string[]): Departments =>
  held.has("conversation.read") && held.has("conversation.read_all") ? "all" : new Set(belongsTo);

export const noRole = () => new Refusal("not_found", "There is no such role.");

/**
 * The actor's rights as they are now: what the request came with may be outdated by the time it gets here. The tenant's row
 * stays locked until the transaction ends, so that changes of members and roles happen one after the other; it is the
 * first lock of all. Throws Refusal `permission_denied` when `needed` is no longer held.
 */
export const lockRights = async (ctx: AgentCtx, tx: Tx, needed: Permission): Promise<Rights> => {
  const { rows: locked } = await tx.db.execute<{ kind: string }>(sql`
    SELECT kind FROM tenants WHERE id = ${ctx.tenant.id} FOR NO KEY UPDATE`);
  // A statement of its own: it must see what was committed while the lock was waited for.
  const { rows } = await tx.db.execute<RoleRow & { departmentIds: string[] }>(sql`
    SELECT r.key, r.name, r.built_in AS "builtIn", r.permissions, ARRAY(
      SELECT d.department_id::text FROM department_members d WHERE d.tenant_id = m.tenant_id AND d.user_id = m.user_id
    ) AS "departmentIds"
    FROM memberships m
    JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
    WHERE m.tenant_id = ${ctx.tenant.id} AND m.user_id = ${ctx.actor.id} AND m.status = 'active'`);
  const now = rows[0] ? permissionsOf(rows[0]) : [];
  // An API key holds less than the member it acts for.
  const held = new Set<string>(now.filter((one) => ctx.actor.permissions.has(one)));
  if (!held.has(needed)) throw new Refusal("permission_denied", `Your role does not include ${needed}.`);
  const adminRole = locked[0]?.kind === "platform" ? "super_admin" : "tenant_admin";
  return { held, departments: departmentsOf(held, rows[0]!.departmentIds), adminRole };
};

/** A role of the tenant. Throws Refusal `not_found`. */
export const accessRole = async (ctx: AgentCtx, tx: Pick<Tx, "db">, key: string): Promise<RoleRow> => {
  const { rows } = await tx.db.execute<RoleRow>(sql`
    SELECT key, name, built_in AS "builtIn", permissions FROM roles WHERE tenant_id = ${ctx.tenant.id} AND key = ${key}`);
  if (!rows[0]) throw noRole();
  return rows[0];
};

/**
 * Nobody grants, changes or takes away what they don't hold themselves. `what` begins the sentence of the refusal, such as
 * `This role`. Throws Refusal `permission_denied` with the permissions that lack in `details.missing`.
 */
export const ensureHeld = ({ held }: Rights, permissions: readonly string[], what: string): void => {
  const missing = permissions.filter((one) => !held.has(one));
  if (missing.length > 0)
    throw new Refusal("permission_denied", `${what} includes rights that you do not hold yourself.`, { missing });
};

/** Nobody changes who stands above them: somebody whose role, held or promised, includes rights they lack. */
export const ensureMayChange = (rights: Rights, { name, role }: { name: string; role: RoleRow }): void =>
  ensureHeld(rights, permissionsOf(role), `The role ${role.name}, which ${name} has,`);

/**
 * Nobody gives what they lack: a role's rights, or a department, which is the sight of its conversations. Throws Refusal
 * `permission_denied`, or `not_found` for a department the actor may not even know of.
 */
export const ensureMayGive = (
  rights: Rights,
  { role, departmentIds = [] }: { role?: RoleRow; departmentIds?: readonly string[] },
): void => {
  if (role) ensureHeld(rights, permissionsOf(role), `The role ${role.name}`);
  const { departments } = rights;
  const lacking = departments === "all" ? [] : departmentIds.filter((id) => !departments.has(id));
  if (lacking.length === 0) return;
  if (!rights.held.has("department.read")) throw noDepartment();
  throw new Refusal(
    "permission_denied",
    "You don't see this department's conversations, so you can't give anybody access to them.",
    {
      departmentIds: lacking,
    },
  );
};

/** Refuses to lose the last active admin. Throws Refusal `conflict`. */
export const ensureAdminRemains = async (
  ctx: AgentCtx,
  tx: Tx,
  { adminRole }: Rights,
  leavingId: string,
): Promise<void> => {
  const { rows } = await tx.db.execute(sql`
    SELECT 1 FROM memberships WHERE tenant_id = ${ctx.tenant.id} AND role = ${adminRole} AND status = 'active'
      AND user_id <> ${leavingId} LIMIT 1`);
  if (rows.length === 0)
    throw new Refusal("conflict", "This is the last admin of the workspace. Make somebody else an admin first.");
};
