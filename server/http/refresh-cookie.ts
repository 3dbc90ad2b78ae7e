import type { Context } from "koa";
import type { Config } from "../config.ts";
import { apiPrefix } from "../contract/admin.ts";
import { sessionDays } from "../features/auth/session.ts";

const name = "parley_refresh";

// Written by hand: the cookie library refuses `Secure` where a proxy that we were not told of ends TLS.
const write = (ctx: Context, { PUBLIC_URL }: Pick<Config, "PUBLIC_URL">, value: string, seconds: number): void => {
  const secure = ctx.secure || PUBLIC_URL?.startsWith("https:");
  const attributes = `Path=${apiPrefix}/auth; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  ctx.append("Set-Cookie", `${name}=${value}; ${attributes}`);
};

export const readRefreshCookie = (ctx: Context): string | undefined => ctx.cookies.get(name) || undefined;

export const setRefreshCookie = (ctx: Context, config: Pick<Config, "PUBLIC_URL">, token: string): void =>
  write(ctx, config, token, sessionDays * 86_400);

export const clearRefreshCookie = (ctx: Context, config: Pick<Config, "PUBLIC_URL">): void => write(ctx, config, "", 0);
