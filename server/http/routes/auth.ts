import type { Context } from "koa";
import type { authRoutes } from "../../contract/auth-routes.ts";
import { changePassword } from "../../features/auth/change-password.ts";
import { confirmEmail } from "../../features/auth/confirm-email.ts";
import { forgotPassword } from "../../features/auth/forgot-password.ts";
import { logIn } from "../../features/auth/login.ts";
import { logOut } from "../../features/auth/logout.ts";
import { refreshSession } from "../../features/auth/refresh.ts";
import { register } from "../../features/auth/register.ts";
import { resendConfirmation } from "../../features/auth/resend-confirmation.ts";
import { resetPassword } from "../../features/auth/reset-password.ts";
import type { AuthParts, SignedIn } from "../../features/auth/session.ts";
import { listSessions, logOutEverywhere, revokeOtherSessions, revokeSession } from "../../features/auth/sessions.ts";
import { switchTenant } from "../../features/auth/switch-tenant.ts";
import { confirmTotp, disableTotp, renewRecoveryCodes, setUpTotp } from "../../features/auth/totp.ts";
import { getMe } from "../../features/me/get.ts";
import { updateMe } from "../../features/me/update.ts";
import type { HandlersOf } from "../guard.ts";
import { clearCookieOf, readRefreshCookie, setRefreshCookie } from "../refresh-cookie.ts";

export const authHandlers = (auth: AuthParts): HandlersOf<typeof authRoutes> => {
  const { config } = auth.node;
  /** The answer, and the refresh token in its cookie. */
  const signIn = async (koa: Context, signingIn: Promise<SignedIn>) => {
    const { data, refreshToken } = await signingIn;
    setRefreshCookie(koa, config, refreshToken);
    return data;
  };
  return {
    "auth/register": ({ koa, body, visit }) =>
      signIn(koa, register(auth, { ...body, origin: `${koa.protocol}://${koa.host}` }, visit)),
    "auth/login": ({ koa, body, visit }) => signIn(koa, logIn(auth, body, visit)),
    "auth/refresh": ({ koa, visit }) => signIn(koa, refreshSession(auth, readRefreshCookie(koa, config), visit)),
    "auth/switch-tenant": ({ koa, ctx, body, visit }) => signIn(koa, switchTenant(auth, ctx, body.tenant, visit)),
    "auth/logout": async ({ koa, ctx }) => {
      await logOut(ctx);
      clearCookieOf(koa, config, ctx.actor.sessionId);
    },
    "auth/logout-everywhere": async ({ koa, ctx }) => {
      await logOutEverywhere(ctx);
      clearCookieOf(koa, config, ctx.actor.sessionId);
    },
    "auth/sessions": ({ ctx, query }) => listSessions(ctx, query),
    "auth/sessions/revoke": async ({ koa, ctx, params }) => {
      await revokeSession(ctx, params.sessionId);
      clearCookieOf(koa, config, params.sessionId);
    },
    "auth/sessions/revoke-others": ({ ctx }) => revokeOtherSessions(ctx),
    "auth/password/change": ({ ctx, body }) => changePassword(auth, ctx, body),
    "auth/password/forgot": ({ body, visit }) => forgotPassword(auth, body.email, visit),
    "auth/password/reset": ({ body, visit }) => resetPassword(auth, body, visit),
    "auth/email/confirm": ({ body, visit }) => confirmEmail(auth, body.token, visit),
    "auth/email/resend": ({ ctx }) => resendConfirmation(auth, ctx),
    "auth/totp/setup": ({ ctx, body }) => setUpTotp(auth, ctx, body),
    "auth/totp/confirm": ({ ctx, body }) => confirmTotp(auth, ctx, body.code),
    "auth/totp/recovery-codes": ({ ctx, body }) => renewRecoveryCodes(auth, ctx, body),
    "auth/totp/disable": ({ ctx, body }) => disableTotp(auth, ctx, body),
    me: ({ ctx }) => getMe(ctx),
    "me/update": ({ ctx, body }) => updateMe(ctx, body),
  };
};
