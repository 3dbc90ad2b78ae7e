import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Login } from "../../../db/directory.ts";
import type { Config } from "../../config.ts";
import { linkTo } from "../mail/link.ts";

type Owner = Pick<Login, "userId" | "passwordHash">;
type Secrets = Pick<Config, "AUTH_SECRETS">;

export const resetSeconds = 3_600;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

// The present hash is in what is signed: once another password is set, no link sent before it opens anything, and nothing
// need be stored for that.
const macOf = (secret: string, { userId, passwordHash }: Owner, until: number) =>
  createHmac("sha256", Buffer.from(hkdfSync("sha256", secret, "parley", "reset", 32)))
    .update(`${userId}.${until}.${passwordHash ?? ""}`)
    .digest();

/** A token that lets its holder choose the login's password, once, for `seconds` from now. */
export const issueResetToken = ({ AUTH_SECRETS }: Secrets, owner: Owner, seconds = resetSeconds): string => {
  const until = Math.floor(Date.now() / 1_000) + seconds;
  return `${owner.userId}.${until}.${macOf(AUTH_SECRETS[0]!, owner, until).toString("base64url")}`;
};

/** Whose token it says it is; undefined for what can't be one, or has run out. It is proven by `isResetTokenOf`. */
export const readResetToken = (token: string): { userId: string; until: number; mac: Buffer } | undefined => {
  const [userId = "", until = "", mac = "", ...rest] = token.split(".");
  if (!uuid.test(userId) || !/^\d{1,12}$/u.test(until) || rest.length > 0) return undefined;
  if (Number(until) * 1_000 <= Date.now()) return undefined;
  return { userId, until: Number(until), mac: Buffer.from(mac, "base64url") };
};

export const isResetTokenOf = (
  { AUTH_SECRETS }: Secrets,
  owner: Owner,
  { until, mac }: { until: number; mac: Buffer },
): boolean =>
  AUTH_SECRETS.some((secret) => {
    const expected = macOf(secret, owner, until);
    return expected.length === mac.length && timingSafeEqual(expected, mac);
  });

/** The link that goes into a mail. */
export const resetLink = (
  config: Pick<Config, "AUTH_SECRETS" | "PUBLIC_URL" | "HOST" | "PORT">,
  owner: Owner,
  seconds = resetSeconds,
): string => linkTo(config, "reset-password", { token: issueResetToken(config, owner, seconds) });
