import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What a mailed link carries: where the invitation stands, and the secret that only its mail knows. */
export type InvitationToken = { tenantId: string; invitationId: string; secret: string };

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const form = new RegExp(`^(${uuid})\\.(${uuid})\\.([\\w-]{43})$`, "u");

const hash = (secret: string) => createHash("sha256").update(secret).digest();

export const newSecret = (): string => randomBytes(32).toString("base64url");
/** What is kept of a secret. */
export const hashOfSecret = (secret: string): string => hash(secret).toString("hex");

export const writeToken = ({ tenantId, invitationId, secret }: InvitationToken): string =>
  `${tenantId}.${invitationId}.${secret}`;

/** The parts of a token, or undefined for what is none. */
export const readToken = (token: string): InvitationToken | undefined => {
  const [, tenantId, invitationId, secret] = form.exec(token) ?? [];
  return tenantId && invitationId && secret ? { tenantId, invitationId, secret } : undefined;
};

export const isSecretOf = (tokenHash: string, secret: string): boolean => {
  const kept = Buffer.from(tokenHash, "hex");
  const shown = hash(secret);
  return kept.length === shown.length && timingSafeEqual(kept, shown);
};
