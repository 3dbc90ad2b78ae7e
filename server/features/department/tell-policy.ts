import type { AgentCtx, Tx } from "../../context.ts";
import { routeDepartments } from "../routing/dispatch.ts";

/**
 * After the commit: what waits in these departments is routed by what holds now, and every node looks again at whether
 * visitors find somebody there.
 */
export const tellPolicy = ({ node, tenant }: AgentCtx, tx: Tx, departmentIds: string[]): void =>
  tx.afterCommit(() => {
    if (departmentIds.length > 0) routeDepartments(node, tenant, departmentIds, "policy_changed");
    node.publish.hintPresence(tenant.id);
  });
