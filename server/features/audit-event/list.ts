import type { AgentCtx } from "../../context.ts";
import type { AuditEvent } from "../../contract/access-routes.ts";
import { parseCursor } from "../tenant/cursor.ts";
import { type AuditFilter, findAuditEvents, type Place, placeOf } from "./find.ts";

type Query = AuditFilter & { cursor?: string | undefined; limit?: number | undefined };

const defaultLimit = 50;

/** The last event of a page. */
const placeIn = (cursor: string): Place => {
  const { numbers, id } = parseCursor(cursor, ["moment"]);
  return { at: numbers[0], id };
};

const cursorOf = ({ at, id }: Place) => `${at}_${id}`;

/** The audit log, the newest first. What is added meanwhile never shifts a page. */
export const listAuditEvents = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit, ...filter }: Query,
): Promise<{ data: AuditEvent[]; nextCursor: string | null }> => {
  const behind = cursor === undefined ? undefined : placeIn(cursor);
  const { events: data, more } = await findAuditEvents(ctx, filter, { behind, oldestFirst: false, most: limit });
  const last = data.at(-1);
  return { data, nextCursor: more && last ? cursorOf(placeOf(last)) : null };
};
