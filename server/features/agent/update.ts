import { isDeepStrictEqual } from "node:util";
import { and, eq, sql } from "drizzle-orm";
import { memberships } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Agent } from "../../contract/people-routes.ts";
import { canAnswer, permissionsOf } from "../../contract/permissions.ts";
import type { ConversationRow } from "../conversation/access.ts";
import { lockOffered, withdrawOffers } from "../department/withdraw-offers.ts";
import { endImpersonationsOf } from "../impersonation/end.ts";
import {
  accessRole,
  ensureAdminRemains,
  ensureMayChange,
  ensureMayGive,
  lockRights,
  type Rights,
  type RoleRow,
} from "../role/rights.ts";
import { routeDepartments } from "../routing/dispatch.ts";
import { handBack } from "../routing/hand-back.ts";
import { ensureSize } from "../usage/ensure-within.ts";
import { accessMember, type Member } from "./access.ts";
import { changeDepartments, ensureDepartments } from "./belong.ts";
import { getAgent } from "./get.ts";
import { handOver } from "./hand-over.ts";
import { presentAgent } from "./present.ts";

type Body = {
  role?: string | undefined;
  capacity?: number | undefined;
  skills?: Record<string, number> | undefined;
  departmentIds?: string[] | undefined;
};

const answers = (role: RoleRow): boolean => canAnswer(permissionsOf(role));
const impersonates = (role: RoleRow): boolean => permissionsOf(role).includes("platform.impersonate");

/** Who may hand out the new role. */
const ensureMayBecome = async (ctx: AgentCtx, tx: Tx, rights: Rights, member: Member, role: RoleRow): Promise<void> => {
  ensureMayGive(rights, { role });
  if (member.role.key === rights.adminRole && member.status === "active")
    await ensureAdminRemains(ctx, tx, rights, member.id);
};

/** What of the body is another than it was. */
const differences = (member: Member, { role, capacity, skills, departmentIds }: Body): Body => {
  const ids = departmentIds?.toSorted((a, b) => (a < b ? -1 : 1));
  return {
    ...(role !== undefined && role !== member.role.key && { role }),
    ...(capacity !== undefined && capacity !== member.capacity && { capacity }),
    ...(skills && !isDeepStrictEqual(skills, member.skills) && { skills }),
    ...(ids && !isDeepStrictEqual(ids, member.departmentIds) && { departmentIds: ids }),
  };
};

/**
 * Changes what a member is in this workspace; their name is their own. A change of role or departments is felt by their
 * live sockets at once; who may no longer answer hands back what they hold. Throws Refusal `not_found`,
 * `permission_denied` (they stand above the actor, or would be given what the actor lacks), `conflict` (the last admin) or
 * `limit_exceeded` (the capacity).
 */
export const updateAgent = async (
  ctx: AgentCtx,
  { agentId }: { agentId: string },
  body: Body,
): Promise<{ agent: Agent }> => {
  let [endsImpersonations, holdsMore] = [false, false];
  const agent = await transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "agent.update");
    const member = await accessMember(ctx, tx, agentId);
    const changes = differences(member, body);
    const { capacity, skills, departmentIds } = changes;
    if (Object.keys(changes).length === 0) return presentAgent(tx.db, ctx.tenant.id, agentId);
    const role = changes.role === undefined ? member.role : await accessRole(ctx, tx, changes.role);
    ensureMayChange(rights, member);
    if (role !== member.role) await ensureMayBecome(ctx, tx, rights, member, role);
    if (capacity !== undefined) await ensureSize(ctx, tx, "openConversationsPerAgent", capacity);
    const join = departmentIds?.filter((id) => !member.departmentIds.includes(id)) ?? [];
    const leave = departmentIds ? member.departmentIds.filter((id) => !departmentIds.includes(id)) : [];
    await ensureDepartments(ctx, tx, join);
    ensureMayGive(rights, { departmentIds: join });
    if (join.length > 0 && member.status !== "active")
      throw new Refusal("conflict", `${member.name} is deactivated and can't join a department.`);

    // Conversations are locked before memberships.
    const offered: ConversationRow[] = [];
    for (const departmentId of leave) offered.push(...(await lockOffered(ctx, tx, departmentId, [agentId])));
    const silenced = answers(member.role) && !answers(role);
    if (silenced) await handBack(ctx, tx, agentId, "agent_deactivated");
    const felt = role !== member.role || departmentIds !== undefined;
    const [row] = await tx.db
      .update(memberships)
      .set({
        role: role.key,
        ...(capacity !== undefined && { capacity }),
        ...(skills && { skills }),
        ...(felt && { accessVersion: sql`${memberships.accessVersion} + 1` }),
      })
      .where(and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, agentId)))
      .returning({ activeCount: memberships.activeCount });
    // Whoever was quicker than this gave them something meanwhile.
    holdsMore = silenced && row!.activeCount > 0;
    await changeDepartments(ctx, tx, agentId, { join, leave });
    await withdrawOffers(ctx, tx, offered, [agentId]);

    const { key } = member.role;
    const was = { role: key, capacity: member.capacity, skills: member.skills, departmentIds: member.departmentIds };
    const before = Object.fromEntries(Object.keys(changes).map((name) => [name, was[name as keyof Body]]));
    await tx.audit("agent.update", agentId, { before, after: changes });
    endsImpersonations = impersonates(member.role) && !impersonates(role);
    tx.afterCommit(() => {
      if (felt) ctx.node.publish.changeAccess(ctx.tenant.id, agentId);
      const departments = [...new Set([...member.departmentIds, ...join])];
      if (departments.length > 0) routeDepartments(ctx.node, ctx.tenant, departments, "policy_changed");
    });
    return presentAgent(tx.db, ctx.tenant.id, agentId);
  });
  if (endsImpersonations) await endImpersonationsOf(ctx, agentId);
  if (!holdsMore) return { agent };
  await handOver(ctx, [agentId]);
  return getAgent(ctx, { agentId });
};
