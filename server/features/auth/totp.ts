import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Login } from "../../../db/directory.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { changeLogin } from "./change-login.ts";
import { changedMail } from "./mails.ts";
import { provePerson } from "./prove.ts";
import { newRecoveryCodes, newSecret, stepOf } from "./second-factor.ts";
import type { AuthParts } from "./session.ts";

type Proof = { password: string; code: string };

const alreadyOn = () => new Refusal("conflict", "A second factor is set up already. Please disable it first.");
const notOn = () => new Refusal("conflict", "No second factor is set up.");
const overtaken = () => new Refusal("conflict", "Your login was changed a moment ago. Please try again.");

/** Changes the login's row as long as its password and its second factor are those that were looked at. */
const write =
  ({ userId, passwordHash, totpSecret, totpConfirmedAt }: Login, change: SQL) =>
  async (db: Db): Promise<void> => {
    const { rowCount } = await db.execute(sql`
      UPDATE users SET ${change}
      WHERE id = ${userId} AND password_hash IS NOT DISTINCT FROM ${passwordHash}
        AND totp_confirmed_at IS NOT DISTINCT FROM ${totpConfirmedAt}
        AND (totp_confirmed_at IS NOT NULL OR totp_secret IS NOT DISTINCT FROM ${totpSecret})`);
    if (rowCount !== 1) throw overtaken();
  };

/** The caller's login, with the password shown once more and, where a second factor is on, a code. */
const proveBoth = async (parts: AuthParts, ctx: AgentCtx, proof: Proof): Promise<Login> => {
  const before = await parts.node.directory.findLoginById(ctx.actor.id);
  if (!before?.totpConfirmedAt) throw notOn();
  return provePerson(parts, ctx, proof, { askCode: true });
};

/** Whoever signs up with somebody else's address must not lock it: only its owner can confirm it. */
const ensureConfirmed = ({ emailConfirmedAt }: Login): void => {
  if (emailConfirmedAt === null)
    throw new Refusal("conflict", "Please confirm your e-mail address first, by the link that was mailed to it.", {
      reason: "email_unconfirmed",
    });
};

/** A new secret for an authenticator app; nothing asks for codes before one is confirmed. Throws Refusal `conflict`. */
export const setUpTotp = async (parts: AuthParts, ctx: AgentCtx, proof: { password: string }) => {
  const login = await provePerson(parts, ctx, proof, { askCode: false });
  ensureConfirmed(login);
  if (login.totpConfirmedAt) throw alreadyOn();
  const { secret, uri, sealed } = newSecret(ctx.node, login.userId, login.email);
  await changeLogin(
    { ...ctx, user: ctx.actor },
    { action: "totp.setup", write: write(login, sql`totp_secret = ${sealed}, totp_last_step = NULL`), end: "none" },
  );
  return { secret, uri };
};

/** Turns the second factor on, by a first code of the app. Answers the recovery codes, this once. */
export const confirmTotp = async (
  parts: AuthParts,
  ctx: AgentCtx,
  code: string,
): Promise<{ recoveryCodes: string[] }> => {
  const login = await ctx.node.directory.findLoginById(ctx.actor.id);
  if (!login?.totpSecret) throw notOn();
  ensureConfirmed(login);
  if (login.totpConfirmedAt) throw alreadyOn();
  const attempt = await parts.failedLogins.beginCode(login.userId, login.passwordHash ?? "");
  if (stepOf(ctx.node, login, code) === undefined)
    throw new Refusal("permission_denied", "That code is wrong. Please enter the one the app shows now.", {
      reason: "code",
    });
  await attempt.succeed();
  const { codes, hashes } = newRecoveryCodes();
  await changeLogin(
    { ...ctx, user: ctx.actor },
    {
      action: "totp.confirm",
      // This code is not used up: whoever signs in elsewhere a moment later need not wait for the next one.
      write: write(login, sql`totp_confirmed_at = now(), recovery_hashes = ${sql.param(hashes)}::text[]`),
      end: "none",
      mail: changedMail(ctx.node.config, login.email, "factor_on"),
    },
  );
  return { recoveryCodes: codes };
};

/** Trades all recovery codes for new ones. */
export const renewRecoveryCodes = async (parts: AuthParts, ctx: AgentCtx, proof: Proof) => {
  const login = await proveBoth(parts, ctx, proof);
  const { codes, hashes } = newRecoveryCodes();
  await changeLogin(
    { ...ctx, user: ctx.actor },
    {
      action: "totp.renew_recovery_codes",
      write: write(login, sql`recovery_hashes = ${sql.param(hashes)}::text[]`),
      end: "none",
    },
  );
  return { recoveryCodes: codes };
};

/** Turns the second factor off. */
export const disableTotp = async (parts: AuthParts, ctx: AgentCtx, proof: Proof): Promise<void> => {
  const login = await proveBoth(parts, ctx, proof);
  await changeLogin(
    { ...ctx, user: ctx.actor },
    {
      action: "totp.disable",
      write: write(
        login,
        sql`totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL, recovery_hashes = '{}'`,
      ),
      end: "none",
      mail: changedMail(ctx.node.config, login.email, "factor_off"),
    },
  );
};
