import type { Audience } from "../contract/entities.ts";

/**
 * The only place that makes room names. A client never names a room: sockets join after the database has said that they
 * may, and a name starts with its tenant.
 */
export const timelineRoom = (tenantId: string, conversationId: string, audience: Audience) =>
  `t:${tenantId}:c:${conversationId}:${audience}`;

/** All sockets of one contact. */
export const contactRoom = (tenantId: string, contactId: string) => `t:${tenantId}:contact:${contactId}`;

/** All sockets of one agent. */
export const agentRoom = (tenantId: string, agentId: string) => `t:${tenantId}:agent:${agentId}`;

/** Agents who see a department's conversations because they belong to it. */
export const departmentRoom = (tenantId: string, departmentId: string) => `t:${tenantId}:department:${departmentId}`;

/** Agents who see every conversation of the tenant. */
export const supervisorRoom = (tenantId: string) => `t:${tenantId}:supervisors`;

/** Every agent of the tenant: presence of colleagues. */
export const tenantRoom = (tenantId: string) => `t:${tenantId}:agents`;

/** All sockets of one login. */
export const sessionRoom = (tenantId: string, sessionId: string) => `t:${tenantId}:session:${sessionId}`;

/** Sockets of this node that read too slowly to be told who is typing. */
export const laggingRoom = () => "lagging";
