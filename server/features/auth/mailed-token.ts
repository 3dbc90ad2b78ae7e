import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Login } from "../../../db/directory.ts";
import type { Config } from "../../config.ts";
import type { Node } from "../../context.ts";
import { linkTo } from "../mail/link.ts";

type Secrets = Pick<Config, "AUTH_SECRETS">;
type Address = Pick<Config, "PUBLIC_URL" | "HOST" | "PORT">;
type Owner<Key extends keyof Login> = Pick<Login, "userId" | Key>;

type Kind<Owned> = {
  /** Keeps the tokens of one kind from opening what another is for. */
  purpose: string;
  /** The page of the desktop its links lead to. */
  page: string;
  /** How long one holds. */
  seconds: number;
  /** What of the login is signed too: once that changes, no token from before holds. */
  boundTo: (owner: Owned) => string;
};

/** Tokens of one kind for links that are mailed: signed, and stored nowhere. */
export type MailedToken<Owned> = {
  issue: (config: Secrets, owner: Owned, seconds?: number) => string;
  /** The link that goes into a mail. */
  link: (config: Secrets & Address, owner: Owned, seconds?: number) => string;
  /** The login a token is of; undefined for one that is forged, has run out, or is of another kind or of what has changed. */
  loginOf: (node: Pick<Node, "config" | "directory">, token: string) => Promise<Login | undefined>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** Whose token it says it is; undefined for what can't be one, or has run out. */
const read = (token: string): { userId: string; until: number; mac: Buffer } | undefined => {
  const [userId = "", until = "", mac = "", ...rest] = token.split(".");
  if (!uuid.test(userId) || !/^\d{1,12}$/u.test(until) || rest.length > 0) return undefined;
  if (Number(until) * 1_000 <= Date.now()) return undefined;
  return { userId, until: Number(until), mac: Buffer.from(mac, "base64url") };
};

export const mailedToken = <Key extends keyof Login>(kind: Kind<Owner<Key>>): MailedToken<Owner<Key>> => {
  const macOf = (secret: string, owner: Owner<Key>, until: number) =>
    createHmac("sha256", Buffer.from(hkdfSync("sha256", secret, "parley", kind.purpose, 32)))
      .update(`${owner.userId}.${until}.${kind.boundTo(owner)}`)
      .digest();
  const issue: MailedToken<Owner<Key>>["issue"] = ({ AUTH_SECRETS }, owner, seconds = kind.seconds) => {
    const until = Math.floor(Date.now() / 1_000) + seconds;
    return `${owner.userId}.${until}.${macOf(AUTH_SECRETS[0]!, owner, until).toString("base64url")}`;
  };
  return {
    issue,
    link: (config, owner, seconds) => linkTo(config, kind.page, { token: issue(config, owner, seconds) }),
    loginOf: async ({ config, directory }, token) => {
      const said = read(token);
      const login = said && (await directory.findLoginById(said.userId));
      if (!login) return undefined;
      const holds = config.AUTH_SECRETS.some((secret) => {
        const expected = macOf(secret, login, said.until);
        return expected.length === said.mac.length && timingSafeEqual(expected, said.mac);
      });
      return holds ? login : undefined;
    },
  };
};
