import type { AgentCtx } from "../../context.ts";
import type { AuditEvent } from "../../contract/access-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { type AuditFilter, findAuditEvents, type Place, placeOf } from "./find.ts";

type Query = AuditFilter & { cursor?: string | undefined; limit?: number | undefined };

const defaultLimit = 50;

/** `moment_id` of the last event of a page; opaque to clients. */
const parseCursor = (cursor: string): Place => {
  const [, at, id] = /^(\d{1,14})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u.exec(cursor) ?? [];
  if (id === undefined) throw new Refusal("invalid_payload", "The cursor is not one of ours.");
  return { at: Number(at), id };
};

const cursorOf = ({ at, id }: Place) => `${at}_${id}`;

/** The audit log, the newest first. What is added meanwhile never shifts a page. */
export const listAuditEvents = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit, ...filter }: Query,
): Promise<{ data: AuditEvent[]; nextCursor: string | null }> => {
  const behind = cursor === undefined ? undefined : parseCursor(cursor);
  const { events: data, more } = await findAuditEvents(ctx, filter, { behind, oldestFirst: false, most: limit });
  const last = data.at(-1);
  return { data, nextCursor: more && last ? cursorOf(placeOf(last)) : null };
};
