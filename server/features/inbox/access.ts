import { and, eq } from "drizzle-orm";
import { inboxes } from "../../../db/schema/index.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Deps } from "../../deps.ts";

/** What a handshake needs of an inbox. */
export type Inbox = {
  id: string;
  tenant: { id: string; name: string };
  suspended: boolean;
  allowedOrigins: ReadonlySet<string>;
  identitySecrets: string[];
};

const keepMs = 5_000;
const mostKept = 10_000;

type Kept = Map<string, { inbox: Promise<Inbox | undefined>; until: number; tenantId?: string | undefined }>;
// By directory, since a process of tests runs several nodes.
const caches = new WeakMap<Deps["directory"], Kept>();

const keptOf = ({ directory }: Pick<Deps, "directory">): Kept => {
  const kept = caches.get(directory) ?? new Map();
  caches.set(directory, kept);
  return kept;
};

/**
 * Has the next handshake at any inbox of a tenant ask the database: for a change that must be felt at once. `key`: one of
 * the tenant's that may have been looked up while it was nobody's.
 */
export const forgetInboxes = (deps: Pick<Deps, "directory">, tenantId: string, key?: string): void => {
  const kept = keptOf(deps);
  if (key !== undefined) kept.delete(key);
  // An answer still under way may be older than the change.
  for (const [key, entry] of kept) if ((entry.tenantId ?? tenantId) === tenantId) kept.delete(key);
};

/**
 * Looks inboxes up by their public key. Answers are kept for some seconds, unknown keys too: after an outage thousands of
 * widgets come back with the same few keys.
 */
export const createInboxAccess = (deps: Pick<Deps, "tenancy" | "directory">) => {
  const kept = keptOf(deps);

  const find = async (key: string): Promise<Inbox | undefined> => {
    const place = await deps.directory.findInbox(key);
    if (!place) return undefined;
    const [row] = await deps.tenancy.withTenant(place.tenantId, (db) =>
      db
        .select({ allowedOrigins: inboxes.allowedOrigins, identitySecrets: inboxes.identitySecrets })
        .from(inboxes)
        .where(and(eq(inboxes.tenantId, place.tenantId), eq(inboxes.id, place.inboxId))),
    );
    return (
      row && {
        id: place.inboxId,
        tenant: { id: place.tenantId, name: place.tenantName },
        suspended: place.tenantStatus !== "active",
        allowedOrigins: new Set(row.allowedOrigins),
        identitySecrets: row.identitySecrets,
      }
    );
  };

  /** The inbox of a key, if pages of `origin` may embed it. Throws Refusal. */
  return async (key: string, origin: string | undefined): Promise<Inbox> => {
    const now = Date.now();
    let entry = kept.get(key);
    if (!entry || entry.until < now) {
      if (kept.size >= mostKept) kept.clear();
      const found = find(key);
      const made: NonNullable<typeof entry> = { inbox: found, until: now + keepMs };
      kept.set(key, made);
      // What failed is asked again by the next one.
      found.then(
        (one) => (made.tenantId = one?.tenant.id ?? ""),
        () => kept.delete(key),
      );
      entry = made;
    }
    const inbox = await entry.inbox;
    if (!inbox) throw new Refusal("not_found", "There is no inbox with this key.");
    // Exact strings: scheme, host and port. `null` and a missing header are in nobody's list.
    if (origin === undefined || !inbox.allowedOrigins.has(origin))
      throw new Refusal("permission_denied", "This inbox does not allow the page it is embedded in.", {
        origin: origin ?? null,
      });
    if (inbox.suspended)
      throw new Refusal("permission_denied", "This chat is closed at the moment.", { reason: "tenant_suspended" });
    return inbox;
  };
};

export type InboxAccess = ReturnType<typeof createInboxAccess>;
