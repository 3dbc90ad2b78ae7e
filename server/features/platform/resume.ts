import { eq } from "drizzle-orm";
import { tenants } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import type { PlatformTenant } from "../../contract/platform-routes.ts";
import { linkTo } from "../mail/link.ts";
import { mailAdmins, type Notice } from "../tenant/mail-admins.ts";
import { transactionAt } from "./access.ts";
import { presentPlatformTenant } from "./present.ts";

const resumed = (workspace: string, url: string): Notice => ({
  kind: "workspace_resumed",
  subject: `${workspace} is open again`,
  letter: {
    paragraphs: [`The workspace ${workspace} is open again. Everything is where it was.`],
    action: { label: "Sign in", url },
  },
});

/** Opens a suspended workspace again, with all it held. Resuming what is open changes nothing. */
export const resumeTenant = (ctx: AgentCtx, { tenantId }: { tenantId: string }): Promise<{ tenant: PlatformTenant }> =>
  transactionAt(ctx, tenantId, async (tx, tenant) => {
    if (tenant.status === "suspended") {
      await tx.db
        .update(tenants)
        .set({ status: "active", suspendedAt: null, suspendReason: null })
        .where(eq(tenants.id, tenantId));
      const before = { status: "suspended", reason: tenant.suspendReason };
      await tx.audit("tenant.resume", tenantId, { before, after: { status: "active" } });
      await mailAdmins(tx, tenantId, resumed(tenant.name, linkTo(ctx.node.config, "")));
    }
    return { tenant: await presentPlatformTenant(tx.db, tenantId) };
  });
