import type { Context } from "koa";
import type { Config } from "../config.ts";
import { apiPrefix } from "../contract/admin.ts";
import { sessionDays } from "../features/auth/session.ts";

type Settings = Pick<Config, "PUBLIC_URL">;

// Browsers keep one cookie jar for all ports of a host. Two copies of Parley on one machine would sign each other out,
// were it not for the port in the name: that of the address people use, since each node of a cluster has a port of its own.
const nameOf = (ctx: Context, { PUBLIC_URL }: Settings): string => {
  const port = PUBLIC_URL === undefined ? /:(\d{1,5})$/u.exec(ctx.host)?.[1] : new URL(PUBLIC_URL).port;
  return port ? `parley_refresh_${port}` : "parley_refresh";
};

const held = /(?:^|;\s*)(parley_refresh(?:_\d{1,5})?)=([^;\s]+)/gu;

/** Every refresh cookie the browser shows, by name: of this address, and of other ports of the same host. */
const listHeld = (ctx: Context): Map<string, string> =>
  new Map([...ctx.get("Cookie").matchAll(held)].map(([, name, value]) => [name!, value!]));

// Written by hand: the cookie library refuses `Secure` where a proxy that we were not told of ends TLS.
const write = (ctx: Context, { PUBLIC_URL }: Settings, name: string, value: string, seconds: number): void => {
  const secure = ctx.secure || PUBLIC_URL?.startsWith("https:");
  const attributes = `Path=${apiPrefix}/auth; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  ctx.append("Set-Cookie", `${name}=${value}; ${attributes}`);
};

/**
 * The refresh token of this address. Without one, the only one there is of another port: somebody who talks to the nodes of a
 * cluster one by one, without a PUBLIC_URL, is signed in at all of them.
 */
export const readRefreshCookie = (ctx: Context, config: Settings): string | undefined => {
  const cookies = listHeld(ctx);
  const own = cookies.get(nameOf(ctx, config));
  return own ?? (cookies.size === 1 ? [...cookies.values()][0] : undefined);
};

/** Puts a session's next token there. The same session under another name goes: it is spent, and would look stolen. */
export const setRefreshCookie = (ctx: Context, config: Settings, token: string): void => {
  const own = nameOf(ctx, config);
  const [, sessionId = ""] = token.split(".");
  write(ctx, config, own, token, sessionDays * 86_400);
  for (const [name, value] of listHeld(ctx))
    if (name !== own && value.split(".")[1] === sessionId) write(ctx, config, name, "", 0);
};

export const clearRefreshCookie = (ctx: Context, config: Settings): void =>
  write(ctx, config, nameOf(ctx, config), "", 0);

/** Takes the cookie away where it is this session's: another login of the same browser may have put its own there. */
export const clearCookieOf = (ctx: Context, config: Settings, sessionId: string): void => {
  if (readRefreshCookie(ctx, config)?.includes(sessionId)) clearRefreshCookie(ctx, config);
};
