import type { Logger } from "pino";
import type { AgentCtx, Node } from "../../context.ts";
import type { LoginData } from "../../contract/admin.ts";
import type { FailedLogins } from "./failed-logins.ts";
import type { RefreshToken, RefreshTokens } from "./refresh-token.ts";

/** What signing in and renewing need beside the node: made once per node. */
export type AuthParts = { node: Node; refreshTokens: RefreshTokens; failedLogins: FailedLogins };

/** The request of somebody who has shown no access token: where it came from, and by which device. */
export type Visit = { requestId: string; address: string; device?: string | undefined; log: Logger };

/** A person, the workspace they are in, and those they could be in. */
export type Identity = Pick<LoginData, "user" | "tenant" | "tenants">;

/** What login and refresh answer, and the token that goes into the cookie. */
export type SignedIn = { data: LoginData; refreshToken: string };

export const sessionDays = 30;

/** A context for what must be written before anybody knows the role: it holds no right. */
export const actingAs = (
  { node }: AuthParts,
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

/** The answer for a session that has just been made or renewed. */
export const presentSignedIn = ({ node, refreshTokens }: AuthParts, who: Identity, token: RefreshToken): SignedIn => {
  const access = node.tokens.signAccess({ sub: who.user.id, tid: token.tenantId, sid: token.sessionId });
  return {
    data: { ...who, accessToken: access.token, expiresIn: access.expiresIn },
    refreshToken: refreshTokens.write(token),
  };
};
