import type { Socket } from "socket.io";
import type { Deps } from "../deps.ts";
import { type Admission, listWithdrawn } from "../features/inbox/admission.ts";
import { endSocket } from "./agent-session.ts";

/** What a widget's socket carries beside its context. */
export type VisitorSocketData = { admission: Admission };

/**
 * Ends the sockets of visitors whose inbox, page or identity is no longer let in. Whose identity it is may come back with a
 * token that another secret has signed; the others would only be refused.
 */
export const endWithdrawn = async (deps: Pick<Deps, "tenancy">, sockets: Iterable<Socket>): Promise<void> => {
  const admitted = [...sockets].flatMap((socket) => {
    const { admission } = socket.data as Partial<VisitorSocketData>;
    return admission ? [{ ...admission, socket }] : [];
  });
  if (admitted.length === 0) return;
  for (const { socket, reason } of await listWithdrawn(deps, admitted))
    if (socket.connected) endSocket(socket, reason, reason === "identity_secret_removed");
};
