import { createClient, ParleyError, type Client, type OutboxStore } from "../../widget-sdk/core/client.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import { RestError } from "./rest.ts";
import { renewAccess, sessionOwner, useSession } from "./session-store.ts";

export type AgentClient = Client<"/agent">;

const outboxPrefix = "parley:outbox:";

/** Unsent messages survive a reload of this tab. Another tab has its own, or both would send the same ones. */
const tabOutbox = (owner: string): OutboxStore => ({
  load: () => {
    try {
      const value: unknown = JSON.parse(sessionStorage.getItem(outboxPrefix + owner) ?? "[]");
      return Array.isArray(value) ? (value as OutboxMessage[]) : [];
    } catch {
      return [];
    }
  },
  save: (messages) => {
    try {
      if (messages.length === 0) sessionStorage.removeItem(outboxPrefix + owner);
      else sessionStorage.setItem(outboxPrefix + owner, JSON.stringify(messages));
    } catch {
      // A forbidden or full storage costs what is unsent at a reload, nothing before that.
    }
  },
});

/** The token to show at a handshake: the one held, or a fresh one when the server refused that. Never another owner's. */
const accessToken = async (owner: string, fresh: boolean): Promise<string> => {
  const session = useSession.getState();
  if (session.phase !== "signed_in" || sessionOwner(session) !== owner)
    throw new ParleyError({ code: "unauthenticated", message: "Your session has ended.", retryable: false });
  if (!fresh) return session.login.accessToken;
  try {
    return await renewAccess(session.login);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const { code, message, retryable, details } = error;
    throw new ParleyError({ code, message, retryable, details });
  }
};

/**
 * The socket client of a signed-in agent; `owner` keeps apart what different people left unsent in one tab. Who acts in
 * somebody's place reports nothing as delivered to them.
 */
export const createAgentClient = (owner: string, { reportDelivery }: { reportDelivery: boolean }): AgentClient =>
  createClient({
    reportDelivery,
    url: location.origin,
    namespace: "/agent",
    auth: async ({ fresh }) => ({ accessToken: await accessToken(owner, fresh) }),
    outbox: tabOutbox(owner),
  });
