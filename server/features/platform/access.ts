import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { auditEvents } from "../../../db/schema/index.ts";
import { type AgentCtx, type Node, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { redact } from "../audit-event/redact.ts";
import { accessTenant, noTenant, type TenantRow } from "../tenant/access.ts";

/** Whoever asks must be at home in Parley's own workspace, whatever their role says. Throws Refusal `permission_denied`. */
export const ensureStaff = async (ctx: AgentCtx): Promise<void> => {
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute(sql`SELECT FROM tenants WHERE id = ${ctx.tenant.id} AND kind = 'platform'`),
  );
  if (rows.length === 0) throw new Refusal("permission_denied", "Only Parley's own staff may do this.");
};

/** A transaction in a customer's workspace. `home` is the one in Parley's own around it, for what is written there. */
export type StaffTx = Omit<Tx, "audit"> & {
  /** Into both logs; `onBehalfOfId` is the member as whom something is done. */
  audit: (action: string, targetId: string | undefined, change?: Change) => Promise<void>;
  home: Tx;
};
type Change = { before?: unknown; after?: unknown; onBehalfOfId?: string };

const lines = new WeakMap<Node, Promise<unknown>>();

/** One after another on a node: each takes two connections, and two that wait for each other's second would stand still. */
const inLine = <T>(node: Node, work: () => Promise<T>): Promise<T> => {
  const turn = (lines.get(node) ?? Promise.resolve()).then(work);
  lines.set(
    node,
    turn.catch(() => {}),
  );
  return turn;
};

type Told = Parameters<StaffTx["audit"]>;

/**
 * Does `work` in a customer's workspace on behalf of Parley's staff; `audit` writes into both logs. What is done stands in
 * Parley's own log before it is committed, so nothing happens that is not on record.
 */
export const staffTransaction = async <T>(
  ctx: AgentCtx,
  tenantId: string,
  work: (tx: StaffTx) => Promise<T>,
): Promise<T> => {
  await ensureStaff(ctx);
  const { node, actor, requestId, address } = ctx;
  const inBoth = async (home: Tx) => {
    // It idles while the customer's waits for its locks, and holds none itself until that is done.
    await home.db.execute(sql`SET LOCAL idle_in_transaction_session_timeout = '10s'`);
    return node.tenancy.withTenant(tenantId, async (db) => {
      const told: Told[] = [];
      const effects: (() => void)[] = [];
      const audit: StaffTx["audit"] = async (...event) => void told.push(event);
      const result = await work({ db, home, audit, afterCommit: (effect) => effects.push(effect) });
      for (const [action, targetId, { before, after, onBehalfOfId } = {}] of told) {
        const who = { actorKind: "platform", actorId: actor.id, actorName: actor.name, onBehalfOfId };
        const what = { action, targetId, before: redact(before), after: redact(after), requestId, address };
        await db.insert(auditEvents).values({ tenantId, id: uuidv7(), ...who, ...what });
        await home.audit(action, targetId, { before, after: { ...(after as object), tenantId, onBehalfOfId } });
      }
      for (const effect of effects) home.afterCommit(effect);
      return result;
    });
  };
  return inLine(node, () => transaction(ctx, inBoth));
};

/** The same in a workspace that stands, whose row is locked. Throws Refusal `not_found`, and `conflict` for Parley's own. */
export const transactionAt = <T>(
  ctx: AgentCtx,
  tenantId: string,
  work: (tx: StaffTx, tenant: TenantRow) => Promise<T>,
): Promise<T> =>
  staffTransaction(ctx, tenantId, async (tx) => {
    const tenant = await accessTenant(tx.db, tenantId, { lock: true });
    if (tenant.kind !== "customer") throw new Refusal("conflict", "This is Parley's own workspace, not a customer's.");
    return work(tx, tenant);
  });

/** A customer's workspace to look at. Throws Refusal `not_found`. */
export const readTenant = async <T>(
  ctx: AgentCtx,
  tenantId: string,
  work: (db: Tx["db"], tenant: TenantRow) => Promise<T>,
): Promise<T> => {
  await ensureStaff(ctx);
  return ctx.node.tenancy.withTenant(tenantId, async (db) => {
    const tenant = await accessTenant(db, tenantId, { lock: false });
    if (tenant.kind !== "customer") throw noTenant();
    return work(db, tenant);
  });
};
