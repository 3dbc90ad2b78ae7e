import { createHash, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { Config } from "./config.ts";
import { Refusal } from "./contract/errors.ts";

/** Who an access token speaks for: a user in a tenant, in one session. `role` is a hint; the database decides. */
export type AccessClaims = { sub: string; tid: string; sid: string; exp: number };
/** Which contact of which inbox a visitor token stands for. */
export type VisitorClaims = { sub: string; tid: string; inb: string; exp: number };

const issuer = "parley";
const algorithm = "HS256";
// A new one is handed out at every handshake, so whoever comes back within this time is known.
const visitorDays = 30;

/** Signs and checks the tokens Parley issues. Every check throws `Refusal("unauthenticated")` when it fails. */
export type Tokens = {
  signAccess: (claims: Omit<AccessClaims, "exp">) => { token: string; expiresIn: number };
  /** For one of Parley's staff, `act`, who acts as a member: an audience and keys of its own; it ends with its session. */
  signImpersonation: (claims: Omit<AccessClaims, "exp"> & { act?: { sub: string } }, seconds: number) => string;
  /** An access token, or an impersonator's. */
  checkAccess: (token: string) => AccessClaims;
  /** For the pages of one origin, which is its audience: taken from there it is worth nothing elsewhere. */
  signVisitor: (claims: Omit<VisitorClaims, "exp">, origin: string) => string;
  /** One of the first release names no origin: it is traded for one that does. */
  checkVisitor: (token: string, origin: string) => VisitorClaims;
};

type Key = { id: string; key: KeyObject };

// Each purpose has keys of its own, drawn from the same secret, so a visitor's token can't even be checked as an agent's.
// Prepared KeyObjects: checking against a string costs thirty times as much.
const keysFor = (secrets: string[], purpose: string): Key[] =>
  secrets.map((secret) => ({
    id: createHash("sha256").update(`${purpose}:${secret}`).digest("hex").slice(0, 8),
    key: createSecretKey(Buffer.from(hkdfSync("sha256", secret, "parley", purpose, 32))),
  }));

/** Verifies with the key the header names. `kid` only selects from the configured keys. */
const verify = (token: string, keys: Key[], ...audience: [string, ...string[]]): jwt.JwtPayload => {
  try {
    const kid = jwt.decode(token, { complete: true })?.header.kid;
    const key = keys.find(({ id }) => id === kid);
    if (!key) throw new Error("no such key");
    return jwt.verify(token, key.key, {
      algorithms: [algorithm],
      issuer,
      audience,
      clockTolerance: 5,
    }) as jwt.JwtPayload;
  } catch (error) {
    const expired = error instanceof jwt.TokenExpiredError;
    throw new Refusal("unauthenticated", expired ? "The token has expired." : "The token is not valid.", {
      reason: expired ? "expired" : "invalid",
    });
  }
};

export const createTokens = (config: Pick<Config, "AUTH_SECRETS" | "ACCESS_TOKEN_SECONDS">): Tokens => {
  const access = keysFor(config.AUTH_SECRETS, "access");
  const impersonation = keysFor(config.AUTH_SECRETS, "impersonation");
  const visitor = keysFor(config.AUTH_SECRETS, "visitor");
  const sign = (claims: object, key: Key, audience: string, expiresIn: number) =>
    jwt.sign(claims, key.key, { algorithm, issuer, audience, expiresIn, keyid: key.id });
  return {
    signAccess: (claims) => ({
      token: sign(claims, access[0]!, "parley-agent", config.ACCESS_TOKEN_SECONDS),
      expiresIn: config.ACCESS_TOKEN_SECONDS,
    }),
    signImpersonation: (claims, seconds) => sign(claims, impersonation[0]!, "parley-impersonation", seconds),
    checkAccess: (token) => {
      // What it says of itself only chooses the keys it is checked with.
      const said = jwt.decode(token);
      return typeof said === "object" && said?.aud === "parley-impersonation"
        ? (verify(token, impersonation, "parley-impersonation") as AccessClaims)
        : (verify(token, access, "parley-agent") as AccessClaims);
    },
    signVisitor: (claims, origin) => sign(claims, visitor[0]!, `parley-visitor ${origin}`, visitorDays * 86_400),
    checkVisitor: (token, origin) =>
      verify(token, visitor, `parley-visitor ${origin}`, "parley-visitor") as VisitorClaims,
  };
};
