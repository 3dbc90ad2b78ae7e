import type { tenantDomains } from "../../../db/schema/index.ts";
import type { Domain } from "../../contract/access-routes.ts";
import { recordOf } from "./record.ts";

/** A host name, and the record that verifies it. The token in it is no secret: it stands in public DNS. */
export const presentDomain = (row: typeof tenantDomains.$inferSelect): Domain => ({
  id: row.id,
  host: row.host,
  record: recordOf(row.host, row.token),
  verifiedAt: row.verifiedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
