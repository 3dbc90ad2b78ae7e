import type { Audience } from "../contract/entities.ts";

/**
 * The only place that makes room names. A client never names a room: sockets join after the database has said that they
 * may, and a name starts with its tenant.
 */
export const timelineRoom = (tenantId: string, conversationId: string, audience: Audience) =>
  `t:${tenantId}:c:${conversationId}:${audience}`;

const internalRoom = /^t:(?<tenantId>[^:]+):c:(?<conversationId>[^:]+):internal$/u;

/** Calls `take` with the conversation where `room` is that of its internal timeline: whoever is in it is an agent who follows it. */
export const followedBy = (room: string, take: (tenantId: string, conversationId: string) => void): void => {
  const { tenantId, conversationId } = internalRoom.exec(room)?.groups ?? {};
  if (tenantId !== undefined && conversationId !== undefined) take(tenantId, conversationId);
};

/** All sockets of one contact. */
export const contactRoom = (tenantId: string, contactId: string) => `t:${tenantId}:contact:${contactId}`;

/** All visitors of one inbox: whether anybody answers there. */
export const inboxRoom = (tenantId: string, inboxId: string) => `t:${tenantId}:inbox:${inboxId}`;

/** All sockets of one agent, for what is about themselves: their rights, their availability, their presence. */
export const agentRoom = (tenantId: string, agentId: string) => `t:${tenantId}:agent:${agentId}`;

/** The sockets of one agent that may see conversations: whatever shows one goes here and not to `agentRoom`. */
export const readerRoom = (tenantId: string, agentId: string) => `t:${tenantId}:reader:${agentId}`;

/** Agents who may see conversations, and a department's because they belong to it. */
export const departmentRoom = (tenantId: string, departmentId: string) => `t:${tenantId}:department:${departmentId}`;

/** Agents who may see conversations, and every one of the tenant. */
export const supervisorRoom = (tenantId: string) => `t:${tenantId}:supervisors`;

/** Agents who may see colleagues: those of a department they belong to, and without `departmentId` those of the whole tenant. */
export const colleaguesRoom = (tenantId: string, departmentId = "all") => `t:${tenantId}:colleagues:${departmentId}`;

/** Every agent of the tenant. */
export const tenantRoom = (tenantId: string) => `t:${tenantId}:agents`;

/** All sockets of one login. */
export const sessionRoom = (tenantId: string, sessionId: string) => `t:${tenantId}:session:${sessionId}`;

/** Sockets of this node that read too slowly to be told who is typing. */
export const laggingRoom = () => "lagging";
