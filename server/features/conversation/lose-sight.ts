import { and, eq } from "drizzle-orm";
import { participants } from "../../../db/schema/index.ts";
import type { AnyCtx, Tx } from "../../context.ts";
import { readerRoom, departmentRoom, supervisorRoom, timelineRoom } from "../../realtime/rooms.ts";
import type { ConversationRow } from "./access.ts";

/**
 * A conversation leaves a department, and with it the sight of its members: after the commit they hear that it is none of
 * theirs any more and follow its timelines no longer. Who takes part in it, belongs to `departmentId` too or sees everything
 * keeps it. `conversation` is its row as it was; call this once whoever gets it takes part.
 */
export const loseSight = async (
  { tenant, node }: AnyCtx,
  tx: Tx,
  { id, departmentId: previousId }: Pick<ConversationRow, "id" | "departmentId">,
  departmentId: string | null,
): Promise<void> => {
  if (previousId === null || previousId === departmentId) return;
  const taking = await tx.db
    .select({ agentId: participants.actorId })
    .from(participants)
    .where(
      and(
        eq(participants.tenantId, tenant.id),
        eq(participants.conversationId, id),
        eq(participants.actorKind, "agent"),
      ),
    );
  const keep = [
    supervisorRoom(tenant.id),
    ...(departmentId === null ? [] : [departmentRoom(tenant.id, departmentId)]),
    ...taking.map(({ agentId }) => readerRoom(tenant.id, agentId)),
  ];
  const [publicRoom, internalRoom] = [timelineRoom(tenant.id, id, "public"), timelineRoom(tenant.id, id, "internal")];
  tx.afterCommit(() => {
    const rooms = [departmentRoom(tenant.id, previousId), internalRoom];
    node.publish.emit(rooms, "conversation:removed", { conversationId: id }, { rooms: keep });
    // Other nodes must hear it before they have anybody leave.
    node.publish.flush();
    // Only agents are in the internal room; the contact goes on following the public one.
    node.publish.move(internalRoom, [], [publicRoom, internalRoom], keep);
  });
};
