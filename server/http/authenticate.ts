import type { Context } from "koa";
import { networkOf } from "../client-address.ts";
import type { AgentCtx, Node } from "../context.ts";
import { Refusal } from "../contract/errors.ts";
import { accessApiKey } from "../features/api-key/access.ts";
import { looksLikeKey } from "../features/api-key/key.ts";
import type { Visit } from "../features/auth/session.ts";
import { accessAgent, type AgentSession } from "../features/session/access.ts";
import type { Limiter } from "../limits.ts";
import type { AccessClaims } from "../tokens.ts";
import type { TenantHosts } from "./tenant-host.ts";

/** The context of a REST action: an agent's, in a tenant that is known with its slug. */
export type RestCtx = AgentCtx & { tenant: AgentSession["tenant"] };

/** The workspace a request names beside its token: by the host name it was sent to, or by `X-Tenant-ID`. */
export type Named = { id: string; slug?: string };

const longestToken = 4_000;

const disagrees = (how: string) =>
  new Refusal("permission_denied", `The access token belongs to another workspace than ${how} names.`);

/**
 * Whom an API key speaks for. Made-up keys cost a look-up each, so each takes from the allowance of its address and only a
 * true one gives it back.
 */
const accessByKey = async (node: Node, limiter: Limiter, address: string, key: string) => {
  const buckets = limiter.bucketsOf(`keys:${networkOf(address)}`, "address");
  const wait = limiter.take("handshake", buckets);
  if (wait > 0)
    throw new Refusal("rate_limited", "Too many invalid API keys came from your address. Please wait a moment.", {
      retryAfterMs: wait,
    });
  const found = await accessApiKey(node, key);
  limiter.giveBack("handshake", buckets);
  return found;
};

/**
 * The agent an access token or an API key speaks for, in the tenant it was issued for and no other. `spend` takes from the
 * allowance under a key: before the database is asked, where the token says whose it is. Throws Refusal.
 */
export const authenticate = async (
  koa: Context,
  { node, limiter }: { node: Node; limiter: Limiter },
  visit: Visit,
  spend: (key: string) => void,
): Promise<RestCtx> => {
  const [, token] = /^Bearer ([^\s]+)$/iu.exec(koa.get("Authorization")) ?? [];
  if (token === undefined || token.length > longestToken)
    throw new Refusal("unauthenticated", "Please sign in: an access token is needed.", { reason: "missing" });
  const { log, requestId, address } = visit;
  if (looksLikeKey(token)) {
    const { tenant, actor } = await accessByKey(node, limiter, address, token);
    // A key has an allowance of its own: a server's work must not hold up the person who made its key.
    spend(`${tenant.id}:${actor.sessionId}`);
    return { tenant, actor, node, log, requestId, address };
  }
  // Who acts as somebody else uses up nothing of theirs.
  const claims: AccessClaims & { act?: { sub: string } } = node.tokens.checkAccess(token);
  spend(`${claims.tid}:${claims.act?.sub ?? claims.sub}`);
  const { tenant, actor } = await accessAgent(node, claims);
  return { tenant, actor, node, log, requestId, address };
};

/**
 * The workspace a request names beside its token, if any. Throws `permission_denied` where host name, `X-Tenant-ID` and
 * token don't agree.
 */
export const agreeOnTenant = async (
  koa: Context,
  hosts: TenantHosts,
  tenant: { id: string } | undefined,
): Promise<Named | undefined> => {
  const header = koa.get("X-Tenant-ID").toLowerCase();
  if (tenant && header !== "" && header !== tenant.id) throw disagrees("`X-Tenant-ID`");
  const host = await hosts.find(koa.hostname);
  if (!host) return header === "" ? undefined : { id: header };
  if (tenant && host.id !== tenant.id) throw disagrees("this address");
  if (header !== "" && header !== host.id)
    throw new Refusal("permission_denied", "`X-Tenant-ID` names another workspace than this address.");
  return { id: host.id, slug: host.slug };
};
