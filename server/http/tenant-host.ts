import { isIP } from "node:net";
import type { TenantPlace } from "../../db/directory.ts";
import type { Node } from "../context.ts";
import { createMemory } from "./memory.ts";

type Settings = Pick<Node["config"], "BASE_DOMAIN" | "PUBLIC_URL" | "HOST">;

/** What a host name says: a slug below our own domain, a name that may be somebody's own, or nothing. */
const meaningOf = (host: string, { BASE_DOMAIN, PUBLIC_URL, HOST }: Settings) => {
  if (!/^[a-z0-9.-]{3,253}$/u.test(host) || !host.includes(".") || isIP(host)) return undefined;
  if (host === BASE_DOMAIN || host === HOST || (PUBLIC_URL && host === new URL(PUBLIC_URL).hostname)) return undefined;
  if (!BASE_DOMAIN || !host.endsWith(`.${BASE_DOMAIN}`)) return { host };
  const slug = host.slice(0, -BASE_DOMAIN.length - 1);
  return slug.includes(".") ? { host } : { slug };
};

/** Finds the workspace a host name stands for: its subdomain of BASE_DOMAIN, or a domain of its own that is verified. */
export type TenantHosts = { find: (hostname: string) => Promise<TenantPlace | undefined> };

/** Host names are remembered for some seconds: a request must not cost a look-up only because of where it was sent. */
export const createTenantHosts = ({ directory, config }: Pick<Node, "directory" | "config">): TenantHosts => {
  const known = createMemory<TenantPlace | undefined>((host) => {
    const meaning = meaningOf(host, config);
    return meaning ? directory.findTenant(meaning) : Promise.resolve(undefined);
  });
  return { find: (hostname) => known(hostname.toLowerCase()) };
};
