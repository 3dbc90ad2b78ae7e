import { eq, sql } from "drizzle-orm";
import { tenants } from "../../../db/schema/index.ts";
import type { AgentCtx, Node } from "../../context.ts";
import type { PlatformTenant } from "../../contract/platform-routes.ts";
import { listSuspended } from "../session/access.ts";
import { mailAdmins, type Notice } from "../tenant/mail-admins.ts";
import { transactionAt } from "./access.ts";
import { presentPlatformTenant } from "./present.ts";

const suspended = (workspace: string, reason: string): Notice => ({
  kind: "workspace_suspended",
  subject: `${workspace} is suspended`,
  letter: {
    paragraphs: [
      `The workspace ${workspace} is suspended: nobody can sign in, and visitors can't chat. Nothing is deleted.`,
      `The reason: ${reason}`,
      "Please reply to this mail to settle it.",
    ],
  },
});

const lateMs = 1_000;

/** Ends the workspace's sockets, and a moment later those that were on their way in when it was shut. */
const endSockets = (node: Node, tenantId: string): void => {
  const end = () => node.publish.endTenant(tenantId, "tenant_suspended");
  const endLate = async () => {
    // It may be open again by then.
    if ((await listSuspended(node, [tenantId])).length > 0) end();
  };
  end();
  setTimeout(() => {
    endLate().catch((error: unknown) => node.log.warn({ err: error }, "late sockets are left to the next check"));
  }, lateMs).unref();
};

/**
 * Shuts a workspace: members and visitors are told and their sockets end at once, tokens open nothing, jobs pass it over.
 * Suspending what is suspended changes nothing.
 */
export const suspendTenant = (
  ctx: AgentCtx,
  { tenantId, reason }: { tenantId: string; reason: string },
): Promise<{ tenant: PlatformTenant }> =>
  transactionAt(ctx, tenantId, async (tx, tenant) => {
    if (tenant.status !== "suspended") {
      await tx.db
        .update(tenants)
        .set({ status: "suspended", suspendedAt: sql`now()`, suspendReason: reason })
        .where(eq(tenants.id, tenantId));
      await tx.audit("tenant.suspend", tenantId, {
        before: { status: "active" },
        after: { status: "suspended", reason },
      });
      // A suspended workspace sends nothing, so the mail is Parley's own.
      await mailAdmins(tx, tenantId, suspended(tenant.name, reason), { tx: tx.home, tenantId: ctx.tenant.id });
      tx.afterCommit(() => endSockets(ctx.node, tenantId));
    }
    return { tenant: await presentPlatformTenant(tx.db, tenantId) };
  });
