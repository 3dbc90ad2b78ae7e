import { eq, and } from "drizzle-orm";
import { memberships } from "../../../db/schema/index.ts";
import type { AnyCtx, Tx } from "../../context.ts";
import type { Exclusion } from "../../contract/routing.ts";
import type { ConversationRow } from "../conversation/access.ts";
import { tryClaim } from "./claim.ts";
import { readDepartment } from "./department.ts";
import { pick } from "./pick.ts";
import { lockMembers, readHolder } from "./slots.ts";

/** Whether the agent wants conversations; the row is locked. */
const isAvailable = async (tx: Tx, tenantId: string, agentId: string): Promise<boolean> => {
  const [row] = await tx.db
    .select({ availability: memberships.availability })
    .from(memberships)
    .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, agentId)));
  return row?.availability === "available";
};

const notThere: ReadonlySet<Exclusion> = new Set(["away", "offline"]);

/**
 * Gives a reopened, locked conversation to the agent who had it, where they can take it: there, available and with a slot.
 * A resolve that is taken back at once asks for a slot only: they would still hold it. Says whether it did. The record shows
 * the whole department beside them.
 */
export const giveBack = async (
  ctx: AnyCtx,
  tx: Tx,
  conversation: ConversationRow,
  agentId: string,
  { present, takenBack }: { present: ReadonlySet<string>; takenBack: boolean },
): Promise<boolean> => {
  const { id: tenantId } = ctx.tenant;
  if (!takenBack && !present.has(agentId)) return false;
  await lockMembers(tx.db, tenantId, [agentId]);
  if (!takenBack && !(await isAvailable(tx, tenantId, agentId))) return false;
  const { departmentId, fields } = conversation;
  const known = departmentId === null ? undefined : await readDepartment(tx.db, tenantId, departmentId, present);
  const judged = known && pick(known.department, known.candidates, { fields, stickyAgentId: agentId }).candidates;
  const mine = judged?.find((one) => one.agentId === agentId);
  if (mine?.excluded && !(takenBack && notThere.has(mine.excluded))) return false;
  // They may have been given it by hand, without belonging to the department.
  const holder = mine ? undefined : await readHolder(tx.db, tenantId, agentId, departmentId);
  const outside = holder && {
    agentId,
    name: holder.name,
    activeCount: holder.activeCount,
    capacity: holder.capacity,
    departmentCount: holder.departmentCount,
    sticky: true,
  };
  return tryClaim(ctx, tx, {
    conversation,
    agentId,
    trigger: "reopened",
    strategy: "sticky",
    ...(known && { version: known.department.version }),
    candidates: [...(judged ?? []), ...(outside ? [outside] : [])],
  });
};
