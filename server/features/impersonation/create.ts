import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Db } from "../../../db/client.ts";
import { sessions } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Impersonation } from "../../contract/platform-routes.ts";
import { transactionAt } from "../platform/access.ts";
import { type Admin, listAdmins } from "../tenant/access.ts";

type Payload = { tenantId: string; userId?: string | undefined; reason: string; minutes: number; write: boolean };

/** Whom to act as: the member named, else the admin who has been there longest. Throws Refusal `not_found`. */
const memberFor = async (db: Db, tenantId: string, userId: string | undefined): Promise<Admin> => {
  if (userId === undefined) {
    const [first] = await listAdmins(db, tenantId);
    if (first) return first;
  }
  const { rows } = await db.execute<Admin>(sql`
    SELECT u.id, u.name, u.email FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.tenant_id = ${tenantId} AND m.user_id = ${userId ?? null}::uuid AND m.status = 'active'`);
  if (!rows[0]) throw new Refusal("not_found", "There is no such active member in this workspace.");
  return rows[0];
};

/**
 * Lets one of Parley's staff act as a member of a customer's workspace: a session of that member which names who really acts,
 * ends by itself and with the session that began it, is renewed by nothing, and may only look unless `write`. Both audit logs
 * say so, and why.
 * Throws Refusal `not_found`, and `conflict` where the workspace is suspended.
 */
export const createImpersonation = (
  ctx: AgentCtx,
  { tenantId, userId, reason, minutes, write }: Payload,
): Promise<{ impersonation: Impersonation; accessToken: string; expiresIn: number }> =>
  transactionAt(ctx, tenantId, async (tx, tenant) => {
    if (tenant.status !== "active")
      throw new Refusal("conflict", "This workspace is suspended. Resume it first to look inside.");
    const user = await memberFor(tx.db, tenantId, userId);
    const id = uuidv7();
    const expiresIn = minutes * 60;
    const [session] = await tx.db
      .insert(sessions)
      .values({
        tenantId,
        id,
        userId: user.id,
        // The hash of nothing: no refresh token fits it.
        refreshHash: randomBytes(32).toString("base64url"),
        device: "Parley support",
        address: ctx.address,
        impersonatorId: ctx.actor.id,
        impersonatorName: ctx.actor.name,
        impersonatorTenantId: ctx.tenant.id,
        impersonatorSessionId: ctx.actor.sessionId,
        reason,
        readOnly: !write,
        expiresAt: sql`now() + make_interval(secs => ${expiresIn})`,
      })
      .returning({ createdAt: sessions.createdAt, expiresAt: sessions.expiresAt });
    const [startedAt, expiresAt] = [session!.createdAt.toISOString(), session!.expiresAt.toISOString()];
    const about = { tenant: { id: tenantId, slug: tenant.slug, name: tenant.name }, user, reason, readOnly: !write };
    await tx.audit("impersonation.create", id, {
      after: { ...about, startedAt, expiresAt, staffSessionId: ctx.actor.sessionId },
      onBehalfOfId: user.id,
    });
    const impersonator = { id: ctx.actor.id, name: ctx.actor.name };
    const claims = { sub: user.id, tid: tenantId, sid: id, act: { sub: impersonator.id } };
    return {
      impersonation: { id, ...about, impersonator, startedAt, expiresAt, endedAt: null },
      accessToken: ctx.node.tokens.signImpersonation(claims, expiresIn),
      expiresIn,
    };
  });
