import { sql } from "drizzle-orm";
import type { Login } from "../../../db/directory.ts";
import { type Node, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { sessionEnded } from "../session/access.ts";
import { placesOf } from "./places.ts";
import { countAttempt, findByPassword, holdProven, proveCode } from "./prove.ts";
import type { RefreshToken } from "./refresh-token.ts";
import {
  actingAs,
  type AuthParts,
  type Identity,
  insertSession,
  mayOpen,
  newSession,
  presentSignedIn,
  type SignedIn,
  type Visit,
} from "./session.ts";

/**
 * `tenant` is the slug of the workspace; without it the one that the address names is taken, or else the first by name, and
 * the answer lists all.
 */
type Credentials = { email: string; password: string; tenant?: string | undefined; code?: string | undefined };

/** Whether it is the workspace that is shut, rather than the person who is gone from it. */
const isSuspended = async (node: Node, { userId }: Login, slug: string | undefined, id?: string): Promise<boolean> => {
  for (const [database, tenantIds] of await placesOf(node, userId)) {
    const { rowCount } = await node.tenancy.withTenants(database, tenantIds, (db) =>
      db.execute(sql`
        SELECT FROM memberships m JOIN tenants t ON t.id = m.tenant_id
        WHERE m.user_id = ${userId} AND m.status = 'active' AND t.status <> 'active'
          AND t.slug = coalesce(${slug ?? null}, t.slug) AND t.id::text = coalesce(${id ?? null}, t.id::text)`),
    );
    if (rowCount) return true;
  }
  return false;
};

/** Why a right password opens nothing. Only whoever knows it is told, so it gives nothing away. */
const noWorkspace = async (node: Node, login: Login, slug: string | undefined, named?: string): Promise<Refusal> => {
  const refusal = (sentence: string) => new Refusal("unauthenticated", sentence, { reason: "no_workspace" });
  if (await isSuspended(node, login, slug, named)) return sessionEnded("tenant_suspended");
  // They have one, but it is not the one that the host name or X-Tenant-ID names.
  if (login.tenants.some((one) => slug === undefined || one.slug === slug))
    return refusal("This login does not belong to the workspace of this address. Please sign in at your own.");
  return refusal(
    slug === undefined
      ? "This login no longer belongs to any workspace. Please ask an admin of yours."
      : `This login opens no workspace "${slug}". Please check the name, or sign in without it.`,
  );
};

/** Whose credentials these are and which workspace they open. Takes as long for somebody unknown as for a member. */
const identify = async (
  parts: AuthParts,
  email: string,
  { password, tenant: slug, code }: Credentials,
  visit: Visit,
): Promise<{ who: Identity; login: Login }> => {
  const login = await findByPassword(parts.node, { email, password }, visit);
  const { tenants } = login;
  const tenant = tenants.find((one) => mayOpen(visit, one) && (slug === undefined || one.slug === slug));
  if (!tenant) throw await noWorkspace(parts.node, login, slug, visit.named?.id);
  await proveCode(parts, login, code);
  return { who: { user: { id: login.userId, name: login.name, email: login.email }, tenant, tenants }, login };
};

/** Starts a session of a person whose identity is proven, while `hold` finds it so; `action` is what the audit log calls it. */
export const startSession = async (
  parts: AuthParts,
  who: Identity,
  visit: Visit,
  hold: (tx: Tx) => Promise<void>,
  action = "auth.login",
): Promise<RefreshToken> => {
  const token = newSession(parts, who.tenant.id);
  await transaction(actingAs(parts, visit, who.tenant, who.user, token.sessionId), async (tx) => {
    await hold(tx);
    await insertSession(tx, token, who.user.id, visit);
    await tx.audit(action, token.sessionId, { after: { device: visit.device } });
  });
  return token;
};

/**
 * Signs a member in and starts a session. Throws Refusal `unauthenticated` with `details.reason` `credentials`,
 * `no_workspace`, `tenant_suspended`, `code_required` or `code`; `rate_limited`; `unavailable`.
 */
export const logIn = (parts: AuthParts, credentials: Credentials, visit: Visit): Promise<SignedIn> => {
  const email = credentials.email.toLowerCase();
  return countAttempt(parts, visit, email, async () => {
    const { who, login } = await identify(parts, email, credentials, visit);
    return presentSignedIn(parts, who, await startSession(parts, who, visit, (tx) => holdProven(tx, login)));
  });
};
