import type { Socket } from "socket.io";
import type { AgentCtx } from "../context.ts";
import { Refusal } from "../contract/errors.ts";
import { accessSession } from "../features/session/access.ts";
import { sessionRoom } from "./rooms.ts";

/** What an agent's socket carries beside its context: when its token runs out, and the timers that watch over that. */
export type AgentSocketData = {
  sessionId: string;
  accessVersion: string;
  tokenExpiresAt: number;
  timers: NodeJS.Timeout[];
};

const longestLeadMs = 60_000;

/** Tells a client that its sockets are done. `reconnect` says whether coming back makes sense. */
export const endSocket = (socket: Socket, reason: string, reconnect: boolean): void => {
  socket.emit("session:ended", { reason, reconnect });
  // Closing the connection instead of the namespace lets socket.io-client come back by itself where it may.
  if (reconnect) setImmediate(() => socket.conn.close());
  else socket.disconnect(true);
};

/** (Re)starts the clocks of a token: a warning ahead of its end, and the end after a grace. An impersonator has none. */
export const watchExpiry = (socket: Socket, ctx: AgentCtx, expiresAtSeconds: number): void => {
  const data = socket.data as AgentSocketData;
  stopWatching(socket);
  const expiresAt = expiresAtSeconds * 1_000;
  data.tokenExpiresAt = expiresAt;
  const left = Math.max(0, expiresAt - Date.now());
  const lead = Math.min(longestLeadMs, left / 4);
  const graceMs = ctx.actor.via ? 0 : ctx.node.config.SESSION_GRACE_SECONDS * 1_000;
  data.timers = [
    setTimeout(() => socket.emit("session:expiring", { expiresAt: new Date(expiresAt).toISOString() }), left - lead),
    setTimeout(() => endSocket(socket, "expired", false), left + graceMs),
  ];
  for (const timer of data.timers) timer.unref();
};

export const stopWatching = (socket: Socket): void => {
  for (const timer of (socket.data as Partial<AgentSocketData>).timers ?? []) clearTimeout(timer);
};

/** Takes a fresh token for the same login, so that a socket outlives the token it came with. */
export const renewSession = async (
  ctx: AgentCtx,
  { accessToken }: { accessToken: string },
  socket: Socket,
): Promise<{ expiresAt: string }> => {
  const claims = ctx.node.tokens.checkAccess(accessToken);
  if (claims.sub !== ctx.actor.id || claims.tid !== ctx.tenant.id)
    throw new Refusal("unauthenticated", "The token is of another login.");
  const session = await accessSession(ctx.node, claims);
  if (session.actor.via) throw new Refusal("unauthenticated", "The token is of somebody who acts as you.");
  if (claims.sid !== ctx.actor.sessionId) {
    // From now on the socket stands and falls with the session it was renewed with.
    await socket.leave(sessionRoom(ctx.tenant.id, ctx.actor.sessionId));
    await socket.join(sessionRoom(ctx.tenant.id, claims.sid));
    ctx.actor.sessionId = claims.sid;
    (socket.data as AgentSocketData).sessionId = claims.sid;
  }
  ctx.actor.permissions = session.actor.permissions;
  ctx.actor.role = session.actor.role;
  // Its version stays: if rights have changed unheard, the next look at the sessions has the socket come back with all of them.
  watchExpiry(socket, ctx, claims.exp);
  return { expiresAt: new Date(claims.exp * 1_000).toISOString() };
};
