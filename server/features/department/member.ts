import { type AgentCtx, transaction } from "../../context.ts";
import type { Department } from "../../contract/department-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { ensureMayGive, lockRights } from "../role/rights.ts";
import { lockDepartment, raiseVersion } from "./access.ts";
import { changeMembers, ensureMembers, listMemberIds, lockMemberships } from "./members.ts";
import { presentDepartment } from "./present.ts";
import { tellPolicy } from "./tell-policy.ts";
import { lockOffered, withdrawOffers } from "./withdraw-offers.ts";

type Place = { departmentId: string; agentId: string };

/**
 * Puts an agent into a department, once however often it is asked. Throws Refusal `not_found`, or `conflict` for a
 * deactivated agent or an archived department.
 */
export const addMember = (ctx: AgentCtx, { departmentId, agentId }: Place): Promise<{ department: Department }> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const rights = await lockRights(ctx, tx, "department.manage");
    const known = await lockMemberships(tx.db, tenantId, [agentId]);
    await lockDepartment(tx.db, tenantId, departmentId);
    const there = await listMemberIds(tx.db, tenantId, departmentId);
    if (!there.includes(agentId)) {
      ensureMembers(rights, known, { join: [agentId], leave: [] });
      ensureMayGive(rights, { departmentIds: [departmentId] });
      await changeMembers(ctx, tx, departmentId, { join: [agentId], leave: [] });
      await raiseVersion(tx.db, tenantId, departmentId);
      await tx.audit("department.add_member", departmentId, { after: { agentId } });
      tellPolicy(ctx, tx, [departmentId]);
    }
    return { department: await presentDepartment(tx.db, tenantId, departmentId) };
  });

/**
 * Takes an agent out of a department. What they hold stays theirs; what they are offered goes to others. Throws Refusal
 * `not_found` where they are not in it.
 */
export const removeMember = (ctx: AgentCtx, { departmentId, agentId }: Place): Promise<void> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const rights = await lockRights(ctx, tx, "department.manage");
    const offered = await lockOffered(ctx, tx, departmentId, [agentId]);
    const known = await lockMemberships(tx.db, tenantId, [agentId]);
    await lockDepartment(tx.db, tenantId, departmentId);
    const there = await listMemberIds(tx.db, tenantId, departmentId);
    if (!there.includes(agentId)) throw new Refusal("not_found", "This agent does not belong to the department.");
    ensureMembers(rights, known, { join: [], leave: [agentId] });
    await withdrawOffers(ctx, tx, offered, [agentId]);
    await changeMembers(ctx, tx, departmentId, { join: [], leave: [agentId] });
    await raiseVersion(tx.db, tenantId, departmentId);
    await tx.audit("department.remove_member", departmentId, { before: { agentId } });
    tellPolicy(ctx, tx, [departmentId]);
  });
