import jwt from "jsonwebtoken";
import { isEmail } from "./contract/email-address.ts";
import { isStorable } from "./contract/entities.ts";
import { Refusal } from "./contract/errors.ts";
import { isBlank } from "./contract/text.ts";

/** What a customer's backend says of its user, and the secret it signed that with. */
export type IdentityClaims = { sub: string; name?: string; email?: string; secret: string };

const algorithm = "HS256";
const longestSeconds = 86_400;
/** Clocks of two machines differ by as much. */
const toleranceSeconds = 30;

// For whoever writes the customer's backend: the widget tells it to the browser's console, and visitors nothing of it.
const faults = {
  malformed: "The identity token is not a JWT: three parts with dots between them, as a JWT library signs them.",
  algorithm: `The identity token must be signed with ${algorithm}, and names another algorithm.`,
  signature: "The identity token is not signed with the identity secret of this inbox.",
  subject: "The identity token needs `sub`, your own id of the user: a text of 1 to 200 characters or a whole number.",
  no_expiry: "The identity token needs `exp`, the second at which it expires.",
  expired: "The identity token has expired. Hand Parley.identify a function that fetches a new one.",
  not_yet_valid: "The identity token is not valid yet: its `nbf` lies in the future. Is your server's clock right?",
  lifetime: "The identity token may be valid for 24 hours at most. Its `exp` counts seconds, not milliseconds.",
} as const;

const refuse = (fault: keyof typeof faults): Refusal =>
  new Refusal("unauthenticated", faults[fault], { reason: `identity_${fault}` });

const decode = (token: string) => {
  try {
    return jwt.decode(token, { complete: true });
  } catch {
    // It has the three parts, and no JSON in them.
    return null;
  }
};

/** What a token that one of the secrets signed says. Whether the time is right for it is looked at afterwards. */
const signedClaims = (token: string, secrets: string[]): { claims: jwt.JwtPayload; secret: string } => {
  const decoded = decode(token);
  if (!decoded || typeof decoded.payload !== "object" || decoded.payload === null) throw refuse("malformed");
  if (decoded.header.alg !== algorithm) throw refuse("algorithm");
  for (const secret of secrets) {
    try {
      const claims = jwt.verify(token, secret, {
        algorithms: [algorithm],
        ignoreExpiration: true,
        ignoreNotBefore: true,
      }) as jwt.JwtPayload;
      return { claims, secret };
    } catch {
      // The next secret may fit.
    }
  }
  throw refuse("signature");
};

/** A customer's own id of its user, as a text: most backends count theirs. */
const subjectOf = (sub: unknown): string | undefined => {
  // Beyond the safe integers two users would get the same number.
  if (Number.isSafeInteger(sub)) return String(sub);
  return typeof sub === "string" && !isBlank(sub) && sub.length <= 200 && isStorable(sub) ? sub : undefined;
};

/** A person's name as a customer's backend sends it, cut between characters; what could not be stored is left out. */
const nameOf = (value: unknown): string | undefined => {
  if (typeof value !== "string" || isBlank(value) || !isStorable(value)) return undefined;
  return Array.from(value.trim().slice(0, 400)).slice(0, 200).join("");
};

/**
 * Checks a token a customer's own backend signed with one of its inbox's secrets. It must expire, and within a day:
 * a token that leaked from a page is then worth little. Each fault has a reason and a sentence of its own.
 */
export const checkIdentity = (token: string, secrets: string[]): IdentityClaims => {
  const signed = signedClaims(token, secrets);
  const claims: Record<string, unknown> = signed.claims;
  const now = Date.now() / 1_000;
  const { exp, nbf, email } = claims;
  const sub = subjectOf(claims["sub"]);
  if (sub === undefined) throw refuse("subject");
  if (typeof exp !== "number") throw refuse("no_expiry");
  if (exp + toleranceSeconds <= now) throw refuse("expired");
  if (exp > now + longestSeconds + 2 * toleranceSeconds) throw refuse("lifetime");
  if (nbf !== undefined && !(typeof nbf === "number" && nbf <= now + toleranceSeconds)) throw refuse("not_yet_valid");
  const name = nameOf(claims["name"]);
  return {
    sub,
    ...(name !== undefined && { name }),
    ...(typeof email === "string" && isEmail(email) && { email }),
    secret: signed.secret,
  };
};
