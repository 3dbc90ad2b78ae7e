import { createHash, randomBytes } from "node:crypto";

/** A key as it is handed out once, and what is kept of it. */
export type IssuedKey = { key: string; prefix: string; secretHash: string };
/** What a caller shows: where the key stands, and the hash its secret must have. */
export type ShownKey = { tenantId: string; id: string; secretHash: string };

const start = "parley_";
const shape = /^parley_([\w-]{43})([\w-]{22})([\w-]{22})$/u;
const shownCharacters = 8;

const pack = (uuid: string) => Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");
const unpack = (text: string) =>
  Buffer.from(text, "base64url")
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");

// A fast hash is enough: the secret is 256 random bits, there is nothing to guess.
const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex");

/** Whether a bearer token says that it is an API key. */
export const looksLikeKey = (token: string): boolean => token.startsWith(start);

/** A new key: a secret, of which lists show the beginning, and where it stands, so that one look finds it. */
export const issueKey = (tenantId: string, id: string): IssuedKey => {
  const secret = randomBytes(32).toString("base64url");
  const key = `${start}${secret}${pack(id)}${pack(tenantId)}`;
  return { key, prefix: key.slice(0, start.length + shownCharacters), secretHash: hashOf(secret) };
};

/** The parts of a key, or undefined where it can't be one. */
export const readKey = (key: string): ShownKey | undefined => {
  const [, secret, id, tenantId] = shape.exec(key) ?? [];
  if (id === undefined || tenantId === undefined || secret === undefined) return undefined;
  return { id: unpack(id), tenantId: unpack(tenantId), secretHash: hashOf(secret) };
};
