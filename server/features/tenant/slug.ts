import { databaseErrorCode } from "../../../db/client.ts";
import type { Directory } from "../../../db/directory.ts";
import { Refusal } from "../../contract/errors.ts";

// Subdomains that mean something else, or would pass for us.
const reserved = new Set(
  "admin api app assets auth billing blog cdn dashboard demo desktop docs ftp help imap login mail mx ns1 ns2 outbox parley platform root security smtp sso static status support webhooks widget www".split(
    " ",
  ),
);

const uniqueViolation = "23505";

const taken = (slug: string) =>
  new Refusal("conflict", `The short name "${slug}" is taken. Please choose another.`, { field: "slug" });

/** Throws Refusal `conflict` where a short name is reserved or somebody's. Whoever writes it finds out for certain. */
export const ensureSlugFree = async (directory: Directory, slug: string): Promise<void> => {
  if (reserved.has(slug) || (await directory.findTenant({ slug }))) throw taken(slug);
};

/** Runs what writes a tenant's short name. Throws Refusal `conflict` where it is reserved or somebody else's. */
export const claimSlug = async <T>(slug: string, write: () => Promise<T>): Promise<T> => {
  if (reserved.has(slug)) throw taken(slug);
  try {
    return await write();
  } catch (error) {
    if (databaseErrorCode(error) === uniqueViolation) throw taken(slug);
    throw error;
  }
};
