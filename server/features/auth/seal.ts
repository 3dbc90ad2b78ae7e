import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Config } from "../../config.ts";

type Secrets = Pick<Config, "AUTH_SECRETS">;

const cipher = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

const keyOf = (secret: string, purpose: string) =>
  Buffer.from(hkdfSync("sha256", secret, "parley", `seal:${purpose}`, 32));
const idOf = (secret: string, purpose: string) =>
  createHash("sha256").update(`seal:${purpose}:${secret}`).digest("hex").slice(0, 8);

/**
 * Encrypts `text` for the database, so that a copy of it opens nothing. `purpose` says what for, and for whom where it
 * matters (`totp:<user id>`): what was sealed for one purpose is not readable for another. Answers `keyId.base64url`.
 */
export const seal = ({ AUTH_SECRETS }: Secrets, purpose: string, text: string): string => {
  const secret = AUTH_SECRETS[0]!;
  const iv = randomBytes(ivBytes);
  const sealing = createCipheriv(cipher, keyOf(secret, purpose), iv);
  const sealed = Buffer.concat([iv, sealing.update(text, "utf8"), sealing.final(), sealing.getAuthTag()]);
  return `${idOf(secret, purpose)}.${sealed.toString("base64url")}`;
};

/** What was sealed for this purpose; undefined when it was altered, or its secret is no longer among ours. */
export const unseal = ({ AUTH_SECRETS }: Secrets, purpose: string, sealed: string): string | undefined => {
  const [id, body = ""] = sealed.split(".");
  const secret = AUTH_SECRETS.find((one) => idOf(one, purpose) === id);
  const bytes = Buffer.from(body, "base64url");
  if (secret === undefined || bytes.length < ivBytes + tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, keyOf(secret, purpose), bytes.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    opening.setAuthTag(bytes.subarray(-tagBytes));
    return Buffer.concat([opening.update(bytes.subarray(ivBytes, -tagBytes)), opening.final()]).toString("utf8");
  } catch {
    return undefined;
  }
};

/** Whether an older secret than the signing one sealed it: seal it anew before that secret goes. */
export const isOutdated = ({ AUTH_SECRETS }: Secrets, purpose: string, sealed: string): boolean =>
  !sealed.startsWith(`${idOf(AUTH_SECRETS[0]!, purpose)}.`);
