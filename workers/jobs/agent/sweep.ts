import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import { type Node, systemCtx } from "../../../server/context.ts";
import { canAnswer, permissionsOf } from "../../../server/contract/permissions.ts";
import { handOver } from "../../../server/features/agent/hand-over.ts";

type Holder = {
  tenantId: string;
  agentId: string;
  status: string;
  role: { key: string; builtIn: boolean; permissions: string[] };
};

const mayHold = ({ status, role }: Holder) => status === "active" && canAnswer(permissionsOf(role));

/**
 * Puts back into the queue what is held by somebody who was deactivated, or may no longer answer: a node may have died
 * between deciding that and taking the last conversation from them.
 */
export const sweepAgents = async (node: Node): Promise<void> => {
  const holders = await askAcrossTenants<Holder>(
    node.tenancy,
    (tenants) => sql`
      SELECT m.tenant_id AS "tenantId", m.user_id AS "agentId", m.status,
        json_build_object('key', r.key, 'builtIn', r.built_in, 'permissions', r.permissions) AS role
      FROM memberships m JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
      WHERE m.tenant_id = ANY(${tenants}) AND m.active_count > 0 AND (m.status <> 'active' OR NOT r.built_in OR r.key = 'read_only')`,
  );
  for (const holder of holders)
    if (!mayHold(holder))
      await handOver(systemCtx(node, { id: holder.tenantId, name: "" }), [holder.agentId]).catch((error: unknown) =>
        node.log.warn(
          { err: error, tenantId: holder.tenantId },
          "what a former member holds is left to the next sweep",
        ),
      );
};
