import { createHash, createHmac, createSecretKey, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import type { Config } from "../../config.ts";

/** A refresh token taken apart: the session it renews, and the 256 bits that prove the right to. */
export type RefreshToken = { tenantId: string; sessionId: string; nonce: Buffer };

/**
 * `tenant.session.nonce+tag`. The tag says that we issued it, so a made-up token costs no query and can't revoke anything.
 * The successor's nonce is an HMAC of its predecessor's: whoever asks twice with the same token, two tabs or a client that
 * lost the answer, gets the same successor, and nothing but hashes need be stored.
 */
export type RefreshTokens = {
  issue: (tenantId: string, sessionId: string) => RefreshToken;
  /** Undefined for what was not issued here. */
  parse: (text: string) => RefreshToken | undefined;
  write: (token: RefreshToken) => string;
  /** One per secret, the signing one first: while secrets are rotated, the standing successor may be an older one's. */
  successors: (token: RefreshToken) => [RefreshToken, ...RefreshToken[]];
};

const tagBytes = 16;
const nonceBytes = 32;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** What is stored of a token. */
export const hashOf = ({ nonce }: RefreshToken): string => createHash("sha256").update(nonce).digest("base64url");

export const createRefreshTokens = ({ AUTH_SECRETS }: Pick<Config, "AUTH_SECRETS">): RefreshTokens => {
  const keys = AUTH_SECRETS.map((secret) =>
    createSecretKey(Buffer.from(hkdfSync("sha256", secret, "parley", "refresh", 32))),
  );
  const mac = (key: (typeof keys)[number], purpose: "tag" | "successor", token: RefreshToken) =>
    createHmac("sha256", key).update(`${purpose}.${token.tenantId}.${token.sessionId}.`).update(token.nonce).digest();
  const tagOf = (key: (typeof keys)[number], token: RefreshToken) => mac(key, "tag", token).subarray(0, tagBytes);
  return {
    issue: (tenantId, sessionId) => ({ tenantId, sessionId, nonce: randomBytes(nonceBytes) }),
    parse: (text) => {
      const [tenantId = "", sessionId = "", secret = "", ...rest] = text.split(".");
      const bytes = Buffer.from(secret, "base64url");
      if (!uuid.test(tenantId) || !uuid.test(sessionId) || rest.length > 0) return undefined;
      if (bytes.length !== nonceBytes + tagBytes) return undefined;
      const token = { tenantId, sessionId, nonce: bytes.subarray(0, nonceBytes) };
      const tag = bytes.subarray(nonceBytes);
      return keys.some((key) => timingSafeEqual(tagOf(key, token), tag)) ? token : undefined;
    },
    write: (token) => {
      const secret = Buffer.concat([token.nonce, tagOf(keys[0]!, token)]).toString("base64url");
      return `${token.tenantId}.${token.sessionId}.${secret}`;
    },
    successors: (token) =>
      keys.map((key) => ({ ...token, nonce: mac(key, "successor", token) })) as [RefreshToken, ...RefreshToken[]],
  };
};
