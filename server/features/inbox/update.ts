import { isDeepStrictEqual } from "node:util";
import { and, eq } from "drizzle-orm";
import { inboxes } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Inbox } from "../../contract/inbox-routes.ts";
import { ensureDepartment } from "../department/access.ts";
import { tellPolicy } from "../department/tell-policy.ts";
import { lockInbox } from "./lock.ts";
import { presentInbox } from "./present.ts";

type Changes = {
  inboxId: string;
  name?: string | undefined;
  allowedOrigins?: string[] | undefined;
  departmentId?: string | null | undefined;
};

const changeable = ["name", "allowedOrigins", "departmentId"] as const;

/**
 * Changes what is named. Pages of origins taken away are disconnected and can't connect again. Throws Refusal `not_found`, or
 * `conflict` for an archived inbox.
 */
export const updateInbox = (ctx: AgentCtx, { inboxId, ...changes }: Changes): Promise<{ inbox: Inbox }> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    // Departments come before inboxes in the order of locks.
    if (changes.departmentId) await ensureDepartment(tx.db, tenantId, changes.departmentId);
    const before = await lockInbox(tx.db, tenantId, inboxId);
    const { allowedOrigins } = changes;
    const wanted = { ...changes, ...(allowedOrigins && { allowedOrigins: [...new Set(allowedOrigins)] }) };
    const changed = changeable.filter(
      (field) => wanted[field] !== undefined && !isDeepStrictEqual(wanted[field], before[field]),
    );
    if (changed.length > 0) {
      const only = (row: Partial<typeof before>) => Object.fromEntries(changed.map((field) => [field, row[field]]));
      await tx.db
        .update(inboxes)
        .set(only(wanted))
        .where(and(eq(inboxes.tenantId, tenantId), eq(inboxes.id, inboxId)));
      tx.afterCommit(() => ctx.node.publish.changeInbox(tenantId, inboxId));
      if (changed.includes("departmentId")) tellPolicy(ctx, tx, []);
      await tx.audit("inbox.update", inboxId, { before: only(before), after: only(wanted) });
    }
    return { inbox: await presentInbox(tx.db, tenantId, inboxId) };
  });
