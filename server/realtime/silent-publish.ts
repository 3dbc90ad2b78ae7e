import type { Publish } from "./publish.ts";

/**
 * Publishing of a process without sockets. Nothing needs to be sent: every node finds what a worker committed by healing,
 * within its interval, and tells its own sockets.
 */
export const silentPublish: Publish = {
  entry: () => {},
  emit: () => {},
  emitLocally: () => {},
  flush: () => {},
  move: () => {},
  moveLocally: () => {},
  endSession: () => {},
  endSessionLocally: () => {},
  endTenantLocally: () => {},
  changeAccess: () => {},
  endTenant: () => {},
  changeInbox: () => {},
  hintPresence: () => {},
  close: () => {},
  hasMembers: () => false,
  told: {
    entry: () => {},
    head: () => false,
    watchedHead: () => false,
    version: () => false,
    assigned: () => false,
    offered: () => false,
  },
};
