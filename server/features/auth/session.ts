import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { sessions } from "../../../db/schema/index.ts";
import type { AgentCtx, Node, Tx } from "../../context.ts";
import type { LoginData } from "../../contract/admin.ts";
import type { FailedLogins } from "./failed-logins.ts";
import { hashOf, type RefreshToken, type RefreshTokens } from "./refresh-token.ts";

/** What signing in and renewing need beside the node: made once per node. */
export type AuthParts = { node: Node; refreshTokens: RefreshTokens; failedLogins: FailedLogins };

/** The request of somebody who has shown no access token: where it came from, and by which device. */
export type Visit = {
  requestId: string;
  address: string;
  device?: string | undefined;
  log: Logger;
  /** The workspace the host name or X-Tenant-ID names: no other may be opened. */
  named?: { id: string; slug?: string };
};

/** Whether a visit that names a workspace may end up in this one. */
export const mayOpen = ({ named }: Pick<Visit, "named">, tenant: { id: string }): boolean =>
  named === undefined || named.id === tenant.id;

/** A person, the workspace they are in, and those they could be in. */
export type Identity = Pick<LoginData, "user" | "tenant" | "tenants">;

/** What login and refresh answer, and the token that goes into the cookie. */
export type SignedIn = { data: LoginData; refreshToken: string };

export const sessionDays = 30;

/** A context for what must be written before anybody knows the role: it holds no right. */
export const actingAs = (
  { node }: Pick<AuthParts, "node">,
  visit: Visit,
  tenant: Identity["tenant"],
  user: Pick<Identity["user"], "id" | "name">,
  sessionId: string,
): AgentCtx => ({
  tenant,
  actor: { kind: "agent", id: user.id, name: user.name, role: "", permissions: new Set(), sessionId },
  node,
  log: visit.log,
  requestId: visit.requestId,
  address: visit.address,
});

/** The first refresh token of a session that is yet to be written. */
export const newSession = ({ refreshTokens }: AuthParts, tenantId: string): RefreshToken =>
  refreshTokens.issue(tenantId, uuidv7());

/** Writes the session of `newSession` for a member of its tenant. */
export const insertSession = async (
  tx: Pick<Tx, "db">,
  token: RefreshToken,
  userId: string,
  visit: Visit,
): Promise<void> => {
  await tx.db.insert(sessions).values({
    tenantId: token.tenantId,
    id: token.sessionId,
    userId,
    refreshHash: hashOf(token),
    device: visit.device,
    address: visit.address,
    expiresAt: sql`now() + make_interval(days => ${sessionDays})`,
  });
};

/** The answer for a session that has just been made or renewed. */
export const presentSignedIn = ({ node, refreshTokens }: AuthParts, who: Identity, token: RefreshToken): SignedIn => {
  const access = node.tokens.signAccess({ sub: who.user.id, tid: token.tenantId, sid: token.sessionId });
  return {
    data: { ...who, accessToken: access.token, expiresIn: access.expiresIn },
    refreshToken: refreshTokens.write(token),
  };
};
