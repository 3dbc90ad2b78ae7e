import { createHash, randomBytes } from "node:crypto";

/** What identity tokens are signed with: 256 bits nobody can guess. */
export const newIdentitySecret = (): string => randomBytes(32).toString("base64url");

/** What a secret is called by where it may not be shown: 12 hexadecimal digits that tell nothing of it. */
export const identitySecretId = (secret: string): string =>
  createHash("sha256").update(`inbox identity secret ${secret}`).digest("hex").slice(0, 12);

/** A secret as it is shown once, to whoever made it. */
export const presentSecret = (secret: string) => ({ id: identitySecretId(secret), secret });
