import type { apiKeys } from "../../../db/schema/index.ts";
import type { ApiKey } from "../../contract/access-routes.ts";

const time = (date: Date | null) => date?.toISOString() ?? null;

/** A key as lists show it: never its secret nor the hash of it. */
export const presentApiKey = (row: typeof apiKeys.$inferSelect, createdByName: string): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  permissions: row.permissions,
  createdBy: { id: row.createdById, name: createdByName },
  createdAt: row.createdAt.toISOString(),
  expiresAt: time(row.expiresAt),
  lastUsedAt: time(row.lastUsedAt),
  revokedAt: time(row.revokedAt),
});
