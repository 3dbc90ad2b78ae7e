import { randomUUID } from "node:crypto";
import type { Conversation } from "../../../server/contract/entities.ts";
import type { Company } from "../../support/company.ts";
import type { Person } from "../../support/people.ts";
import type { TenantOptions, TestTenant } from "../../support/tenant.ts";
import { ask, say } from "./ask.ts";

/** A contact starts a conversation. */
export const begin = async (contact: Person, body = "hello"): Promise<Conversation> => {
  const { conversation } = await ask(contact, "conversation:start", { clientId: randomUUID(), body });
  return conversation;
};

export type Talk = { tenant: TestTenant; contact: Person; agent: Person; conversationId: string };

/**
 * A contact has asked (entry 1) and the tenant's first agent has answered (entry 3) and so holds the conversation (entry 2
 * says so); both follow it.
 */
export const talk = async (company: Company, options: TenantOptions = {}): Promise<Talk> => {
  const tenant = await company.tenant(options);
  const [contact, agent] = [await company.contact(tenant), await company.agent(tenant)];
  const { id: conversationId } = await begin(contact);
  await ask(agent, "conversation:open", { conversationId });
  await say(agent, conversationId, "how can I help?");
  return { tenant, contact, agent, conversationId };
};
