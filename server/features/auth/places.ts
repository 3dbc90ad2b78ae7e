import { type Database, placesByDatabase } from "../../../db/tenancy.ts";
import type { Node } from "../../context.ts";

/** Every workspace a login has ever belonged to, by the database it lives in. */
export const placesOf = async (node: Node, userId: string): Promise<[Database, tenantIds: string[]][]> => {
  const ids = await node.directory.listTenantsOf(userId);
  const places = placesByDatabase(
    node.tenancy,
    ids.map((tenantId) => ({ tenantId })),
  );
  return [...places].map(([database, found]) => [database, found.map((place) => ids[place]!)]);
};
