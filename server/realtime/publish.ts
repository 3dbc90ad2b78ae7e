import type { Namespace, Server } from "socket.io";
import type { Offer } from "../contract/agent.ts";
import type { Conversation, Entry } from "../contract/entities.ts";
import type { Config } from "../config.ts";
import type { RedisClients } from "../redis.ts";
import { agentRoom, laggingRoom, sessionRoom, tenantRoom, timelineRoom } from "./rooms.ts";
import { watchPeers } from "./peers.ts";
import { readTellings, type Telling, writeTellings } from "./tellings.ts";
import { createTold, type Told } from "./told.ts";

/** Sockets to leave out: of these rooms, or one socket of this node. */
type Except = { rooms?: string[]; socketId?: string };

/**
 * All room emits, after commit only. Members on this node are served at once, whatever Redis does; other nodes get one
 * message for all that a committed batch or an event-loop turn has to tell, and look up whether they have members before
 * they read a body. What is lost on the way is healed from the log.
 *
 * Why not one adapter broadcast an entry: it publishes before it delivers locally (a Redis that is away holds up the
 * neighbour's socket), costs a Redis message per entry and namespace, and a timeline has members in both namespaces.
 */
export type Publish = {
  /** Tells an appended entry to its timeline's room, but for the socket that sent it: that one has the ack. */
  entry: (tenantId: string, entry: Entry, exceptSocketId?: string) => void;
  emit: (rooms: string[], event: string, data: unknown, except?: Except) => void;
  /** To this node's members only; healing uses it, since every node heals its own. */
  emitLocally: (rooms: string[], event: string, data: unknown, except?: Except) => void;
  /** Sends what is waiting for other nodes now instead of at the end of the turn. */
  flush: () => void;
  /** Subscribes the sockets of `room`, on every node, to `rooms`, and lets them leave `leave`; those in a room of `except` stay as they are. */
  move: (room: string, join: string[], leave?: string[], except?: string[]) => void;
  /** The same for this node's sockets only. */
  moveLocally: (room: string, join: string[], leave?: string[], except?: string[]) => void;
  /** Ends the sockets of a login on every node. */
  endSession: (tenantId: string, sessionId: string, reason: string) => void;
  /** This node's part of it, for what every node finds by itself. */
  endSessionLocally: (tenantId: string, sessionId: string, reason: string, comesBack: boolean) => void;
  endTenantLocally: (tenantId: string) => void;
  /** Has an agent's sockets come back with the rights they have now; of the whole tenant without `agentId`. */
  changeAccess: (tenantId: string, agentId?: string) => void;
  /** Ends all sockets of a tenant on every node, its contacts' too. */
  endTenant: (tenantId: string, reason: string) => void;
  /**
   * An inbox was changed or archived, or its origins or secrets were: every node has the next handshake ask for it, and ends
   * the visitors who would no longer be let in. `key`: it may have been looked up while it was nobody's.
   */
  changeInbox: (tenantId: string, inboxId: string, key?: string) => void;
  /** Asks every node to look up presence of this tenant now. */
  hintPresence: (tenantId: string) => void;
  /** Stops asking for other nodes. */
  close: () => void;
  /** Whether this node has a socket in the room. */
  hasMembers: (room: string) => boolean;
  told: Told;
};

const relayEvent = "parley:relay";
const controlEvent = "parley:control";
type Control =
  | { type: "session"; tenantId: string; sessionId: string; reason: string }
  | { type: "access"; tenantId: string; agentId: string | undefined }
  | { type: "tenant"; tenantId: string; reason: string }
  | { type: "inbox"; tenantId: string; inboxId: string; key: string | undefined }
  | { type: "presence"; tenantId: string }
  | { type: "move"; room: string; join: string[]; leave: string[]; except?: string[] };

/** What a node does when it is told to, by itself or another. */
export type ControlHandlers = {
  /** Ends the agents' sockets in a room; `comesBack` says whether they may connect again. */
  endAgents: (room: string, reason: string, comesBack: boolean) => void;
  endTenant: (tenantId: string, reason: string) => void;
  lookUpInbox: (tenantId: string, inboxId: string, key: string | undefined) => void;
  lookUpPresence: (tenantId: string) => void;
};

export const createPublish = (
  io: Server,
  redis: RedisClients,
  { ADAPTER }: Pick<Config, "ADAPTER">,
  handlers: ControlHandlers,
): Publish => {
  // The classic adapter writes its requests as JSON, in which a buffer is a list of numbers.
  const carriesBytes = ADAPTER !== "classic";
  const namespaces: Namespace[] = [io.of("/agent"), io.of("/widget")];
  const [carrier] = namespaces as [Namespace];
  const told = createTold();
  const peers = watchPeers(carrier);
  let waiting: Telling[] = [];
  let scheduled = false;

  const emitLocally: Publish["emitLocally"] = (rooms, event, data, except) => {
    if (event === "conversation:updated") {
      const { id, version } = (data as { conversation: Conversation }).conversation;
      told.version(id, version);
    }
    if (event === "conversation:assigned") {
      const { id, assigneeId } = (data as { conversation: Conversation }).conversation;
      if (assigneeId !== undefined) told.assigned(id, assigneeId);
    }
    if (event === "conversation:offered") {
      const { conversation, offeredAt } = data as Offer;
      told.offered(conversation.id, offeredAt);
    }
    for (const namespace of namespaces) {
      const { rooms: known } = namespace.adapter;
      const present = rooms.filter((room) => known.has(room));
      if (present.length === 0) continue;
      let to = namespace.local.to(present);
      // The first thing a slow reader goes without: it is worth nothing in a few seconds.
      if (event === "typing:changed") to = to.except(laggingRoom());
      if (except?.rooms?.length) to = to.except(except.rooms);
      // A socket's own room bears its id.
      if (except?.socketId) to = to.except(except.socketId);
      to.emit(event, data);
    }
  };

  const flush = () => {
    if (waiting.length === 0) return;
    const tellings = waiting;
    waiting = [];
    // While Redis is away the queue of the client would only grow; the log heals the other nodes.
    if (!peers.present() || redis.publish.status !== "ready") return;
    const message = writeTellings(tellings);
    carrier.serverSideEmit(relayEvent, carriesBytes ? message : message.toString("base64"));
  };

  const emit: Publish["emit"] = (rooms, event, data, except) => {
    emitLocally(rooms, event, data, except);
    waiting.push([rooms, event, data, except?.rooms]);
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flush();
    });
  };

  const hasMembers = (room: string) => namespaces.some((namespace) => namespace.adapter.rooms.has(room));

  carrier.on(relayEvent, (message: Buffer | string) => {
    const bytes = typeof message === "string" ? Buffer.from(message, "base64") : message;
    readTellings(bytes, hasMembers, ([rooms, event, data, exceptRooms]) => {
      const { entry } = data as { entry?: Entry };
      if (event === "entry:appended" && entry) told.entry(entry);
      emitLocally(rooms, event, data, exceptRooms && { rooms: exceptRooms });
    });
  });

  const obey = (control: Control) => {
    if (control.type === "session")
      handlers.endAgents(sessionRoom(control.tenantId, control.sessionId), control.reason, false);
    else if (control.type === "access") {
      const { tenantId, agentId } = control;
      handlers.endAgents(agentId ? agentRoom(tenantId, agentId) : tenantRoom(tenantId), "access_changed", true);
    } else if (control.type === "tenant") handlers.endTenant(control.tenantId, control.reason);
    else if (control.type === "inbox") handlers.lookUpInbox(control.tenantId, control.inboxId, control.key);
    else if (control.type === "presence") handlers.lookUpPresence(control.tenantId);
    else
      for (const namespace of namespaces) {
        let sockets = namespace.local.in(control.room);
        if (control.except?.length) sockets = sockets.except(control.except);
        if (control.join.length > 0) sockets.socketsJoin(control.join);
        if (control.leave.length > 0) sockets.socketsLeave(control.leave);
      }
  };
  carrier.on(controlEvent, obey);

  const command = (control: Control) => {
    obey(control);
    if (redis.publish.status === "ready") carrier.serverSideEmit(controlEvent, control);
  };

  return {
    entry: (tenantId, entry, exceptSocketId) => {
      told.entry(entry);
      emit(
        [timelineRoom(tenantId, entry.conversationId, entry.audience)],
        "entry:appended",
        { entry },
        exceptSocketId ? { socketId: exceptSocketId } : undefined,
      );
    },
    emit,
    emitLocally,
    flush,
    move: (room, join, leave = [], except = []) => command({ type: "move", room, join, leave, except }),
    moveLocally: (room, join, leave = [], except = []) => obey({ type: "move", room, join, leave, except }),
    endSession: (tenantId, sessionId, reason) => command({ type: "session", tenantId, sessionId, reason }),
    endSessionLocally: (tenantId, sessionId, reason, comesBack) =>
      handlers.endAgents(sessionRoom(tenantId, sessionId), reason, comesBack),
    endTenantLocally: (tenantId) => handlers.endTenant(tenantId, "tenant_suspended"),
    changeAccess: (tenantId, agentId) => command({ type: "access", tenantId, agentId }),
    endTenant: (tenantId, reason) => command({ type: "tenant", tenantId, reason }),
    changeInbox: (tenantId, inboxId, key) => command({ type: "inbox", tenantId, inboxId, key }),
    hintPresence: (tenantId) => command({ type: "presence", tenantId }),
    close: peers.stop,
    hasMembers,
    told,
  };
};
