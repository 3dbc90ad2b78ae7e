import { createHash, randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { generateSecret, generateURI, verifySync } from "otplib";
import type { Login } from "../../../db/directory.ts";
import type { Node } from "../../context.ts";
import { isOutdated, seal, unseal } from "./seal.ts";

const issuer = "Parley";
/** Clocks of phones go wrong: the code before and the code after count too. */
const toleranceSeconds = 30;
const recoveryCodes = 10;
// Neither vowels nor what looks like something else: nothing to misread, and no words by accident. 18 of 25 are 83 bits.
const alphabet = "bcdfghjkmnpqrstvwxyz23456";
const recoveryCharacters = 18;

/** Sealed for one person: another's can't be put in its place. */
const purposeOf = (userId: string) => `totp:${userId}`;

export const newSecret = ({ config }: Node, userId: string, email: string) => {
  const secret = generateSecret();
  return {
    secret,
    uri: generateURI({ issuer, label: email, secret }),
    sealed: seal(config, purposeOf(userId), secret),
  };
};

const plain = (code: string) => code.replace(/[\s-]/gu, "").toLowerCase();
const hashOf = (code: string) => createHash("sha256").update(plain(code)).digest("base64url");

const recoveryCode = (): string => {
  // Bytes past the last whole multiple are dropped, so that no letter is likelier than another.
  const letters: string[] = [];
  while (letters.length < recoveryCharacters)
    for (const byte of randomBytes(recoveryCharacters))
      if (byte < 250 && letters.length < recoveryCharacters) letters.push(alphabet[byte % alphabet.length]!);
  return letters.join("").replace(/.{6}(?!$)/gu, "$&-");
};

/** New recovery codes as the person sees them, this once, and the hashes that are kept. */
export const newRecoveryCodes = (): { codes: string[]; hashes: string[] } => {
  const codes = Array.from({ length: recoveryCodes }, recoveryCode);
  return { codes, hashes: codes.map(hashOf) };
};

/** The time step an authenticator's code belongs to; undefined when it is wrong, too old or was used already. */
export const stepOf = ({ config }: Pick<Node, "config">, login: Login, code: string): number | undefined => {
  const secret = login.totpSecret === null ? undefined : unseal(config, purposeOf(login.userId), login.totpSecret);
  if (secret === undefined || !/^\d{6}$/u.test(plain(code))) return undefined;
  const result = verifySync({
    secret,
    token: plain(code),
    epochTolerance: toleranceSeconds,
    ...(login.totpLastStep !== null && { afterTimeStep: login.totpLastStep }),
  });
  return result.valid && "timeStep" in result ? result.timeStep : undefined;
};

/**
 * Uses up a code: each works once, whoever else shows it at the same moment. Six digits are the authenticator's, anything
 * else is a recovery code. Answers whether it was good.
 */
export const spendCode = async (node: Node, login: Login, code: string): Promise<boolean> => {
  const { userId } = login;
  const tenantId = login.tenants[0]?.id ?? (await node.directory.listTenantsOf(userId))[0];
  if (tenantId === undefined) return false;
  if (!/^\d{6}$/u.test(plain(code))) {
    const hash = hashOf(code);
    const { rowCount } = await node.tenancy.withTenant(tenantId, (db) =>
      db.execute(sql`
        UPDATE users SET recovery_hashes = array_remove(recovery_hashes, ${hash})
        WHERE id = ${userId} AND ${hash} = ANY (recovery_hashes)`),
    );
    return rowCount === 1;
  }
  const step = stepOf(node, login, code);
  if (step === undefined) return false;
  const purpose = purposeOf(userId);
  // While secrets are rotated what is read is written anew, so that it outlives the older secret.
  const sealed = isOutdated(node.config, purpose, login.totpSecret!)
    ? seal(node.config, purpose, unseal(node.config, purpose, login.totpSecret!)!)
    : login.totpSecret;
  const { rowCount } = await node.tenancy.withTenant(tenantId, (db) =>
    db.execute(sql`
      UPDATE users SET totp_last_step = ${step}, totp_secret = ${sealed}
      WHERE id = ${userId} AND totp_secret = ${login.totpSecret} AND (totp_last_step IS NULL OR totp_last_step < ${step})`),
  );
  return rowCount === 1;
};
