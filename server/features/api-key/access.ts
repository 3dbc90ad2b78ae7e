import { sql } from "drizzle-orm";
import type { AgentActor } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import type { Deps } from "../../deps.ts";
import { checkEntitlement } from "../../realtime/entitlement.ts";
import { type AgentSession, sessionEnded } from "../session/access.ts";
import { readKey } from "./key.ts";

type Row = {
  name: string;
  permissions: string[];
  ended: boolean;
  creator: { id: string; name: string; active: boolean };
  role: { key: string; builtIn: boolean; permissions: string[] };
  tenant: AgentSession["tenant"] & { active: boolean };
  unused: boolean;
};

const notValid = () => new Refusal("unauthenticated", "The API key is not valid.", { reason: "api_key" });

/**
 * Whom an API key speaks for: the member who made it, with those of its permissions that they still hold. Notes that it is
 * used, at most once a minute. Throws Refusal: `unauthenticated` for one that is unknown, revoked, expired or orphaned,
 * `limit_exceeded` where the plan no longer includes API keys.
 */
export const accessApiKey = async (
  deps: Pick<Deps, "tenancy">,
  key: string,
): Promise<{ tenant: AgentSession["tenant"]; actor: AgentActor }> => {
  const shown = readKey(key);
  if (!shown) throw notValid();
  const { tenantId, id, secretHash } = shown;
  const row = await deps.tenancy.withTenant(tenantId, async (db) => {
    const { rows } = await db.execute<Row>(sql`
      SELECT k.name, k.permissions, k.revoked_at IS NOT NULL OR coalesce(k.expires_at <= now(), false) AS ended,
        json_build_object('id', u.id, 'name', u.name, 'active', m.status = 'active') AS creator,
        json_build_object('key', r.key, 'builtIn', r.built_in, 'permissions', r.permissions) AS role,
        json_build_object('id', t.id, 'name', t.name, 'slug', t.slug, 'plan', t.plan, 'active', t.status = 'active') AS tenant,
        coalesce(k.last_used_at < now() - interval '1 minute', true) AS unused
      FROM api_keys k
      JOIN tenants t ON t.id = k.tenant_id
      JOIN memberships m ON m.tenant_id = k.tenant_id AND m.user_id = k.created_by_id
      JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
      JOIN users u ON u.id = m.user_id
      WHERE k.tenant_id = ${tenantId} AND k.id = ${id} AND k.secret_hash = ${secretHash}`);
    // Many requests at once need not wait for each other only to say the same.
    if (rows[0]?.unused)
      await db.execute(sql`
        UPDATE api_keys SET last_used_at = now() WHERE tenant_id = ${tenantId} AND id IN (
          SELECT id FROM api_keys WHERE tenant_id = ${tenantId} AND id = ${id} AND revoked_at IS NULL
          FOR UPDATE SKIP LOCKED)`);
    return rows[0];
  });
  if (!row || row.ended) throw notValid();
  if (!row.creator.active) throw sessionEnded("deactivated");
  const { active, ...tenant } = row.tenant;
  if (!active) throw sessionEnded("tenant_suspended");
  checkEntitlement({ tenant }, "apiKeys");
  const { creator, role } = row;
  return {
    tenant,
    actor: {
      kind: "agent",
      id: creator.id,
      name: creator.name,
      role: role.key,
      permissions: new Set(permissionsOf(role).filter((one) => row.permissions.includes(one))),
      sessionId: id,
      via: { kind: "api_key", id, name: row.name },
    },
  };
};
