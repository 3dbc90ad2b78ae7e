import { Readable } from "node:stream";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { readerOf } from "../../read-budget.ts";
import type { AuditEvent } from "../../contract/access-routes.ts";
import { type AuditFilter, findAuditEvents, type Place, placeOf } from "./find.ts";

export type ExportFormat = "csv" | "jsonl";
// A download may be read for hours, and holds a page all the while.
const mostAtOnce = 3;
const underWay = new Map<string, number>();

/** Counts a workspace's downloads of this node. Throws `rate_limited`. */
const countIn = (tenantId: string): (() => void) => {
  const now = underWay.get(tenantId) ?? 0;
  if (now >= mostAtOnce)
    throw new Refusal("rate_limited", "Your workspace is exporting already. Please wait until that is done.", {
      retryAfterMs: 10_000,
    });
  underWay.set(tenantId, now + 1);
  return () => {
    const left = underWay.get(tenantId)! - 1;
    if (left > 0) underWay.set(tenantId, left);
    else underWay.delete(tenantId);
  };
};

export type Export = { stream: Readable; type: string; fileName: string };

const pageSize = 500;

const columns: [string, (event: AuditEvent) => unknown][] = [
  ["createdAt", ({ createdAt }) => createdAt],
  ["action", ({ action }) => action],
  ["actorKind", ({ actor }) => actor.kind],
  ["actorId", ({ actor }) => actor.id],
  ["actorName", ({ actor }) => actor.name],
  ["onBehalfOfId", ({ onBehalfOf }) => onBehalfOf?.id],
  ["onBehalfOfName", ({ onBehalfOf }) => onBehalfOf?.name],
  ["targetId", ({ targetId }) => targetId],
  ["before", ({ before }) => before],
  ["after", ({ after }) => after],
  ["address", ({ address }) => address],
  ["requestId", ({ requestId }) => requestId],
  ["id", ({ id }) => id],
];

/** One field as RFC 4180 has it. What a spreadsheet would take for a formula is marked as the text it is. */
const field = (value: unknown): string => {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

const line = (values: unknown[]) => `${values.map(field).join(",")}\r\n`;

/**
 * A page at a time in a transaction of its own: who reads slowly holds no connection. Each page is read from the reader's
 * allowance, as any other reading is, and waits for it.
 */
async function* write(ctx: AgentCtx, filter: AuditFilter, format: ExportFormat) {
  if (format === "csv") yield line(columns.map(([name]) => name));
  for (let behind: Place | undefined; ;) {
    const page = { behind, oldestFirst: true, most: pageSize };
    const { events, more } = await ctx.node.readBudget.runPiece(readerOf(ctx), () =>
      findAuditEvents(ctx, filter, page),
    );
    yield events
      .map((event) => (format === "csv" ? line(columns.map(([, read]) => read(event))) : `${JSON.stringify(event)}\n`))
      .join("");
    const last = events.at(-1);
    if (!last || !more) return;
    behind = placeOf(last);
  }
}

/**
 * The audit log up to this moment, the oldest first, as a stream. That it was exported, and by which filter, is part of the
 * log itself.
 */
export const exportAuditEvents = async (
  ctx: AgentCtx & { tenant: { slug: string } },
  { format = "csv", ...filter }: AuditFilter & { format?: ExportFormat | undefined },
): Promise<Export> => {
  // It must end, even where events come in faster than they are read.
  const until = Math.min(Date.now(), filter.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(filter.to));
  const to = new Date(until).toISOString();
  const countOut = countIn(ctx.tenant.id);
  try {
    await transaction(ctx, (tx) => tx.audit("audit_event.export", undefined, { after: { format, ...filter } }));
  } catch (error) {
    countOut();
    throw error;
  }
  const stream = Readable.from(write(ctx, { ...filter, to }, format), { objectMode: false });
  stream.once("close", countOut);
  return {
    stream,
    type: format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
    fileName: `audit-${ctx.tenant.slug}-${new Date().toISOString().slice(0, 10)}.${format}`,
  };
};
