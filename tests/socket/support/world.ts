import type { Company } from "../../support/company.ts";
import type { Person } from "../../support/people.ts";
import { addAgent } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, say } from "./ask.ts";
import { begin } from "./scene.ts";

/** A tenant at work: everybody who may look at a conversation, and a conversation in every state. */
export type World = {
  tenant: TestTenant;
  contact: Person;
  /** Holds `held`; `full` can't hold anything. */
  agent: Person;
  /** Of the same department. */
  colleague: Person;
  /** Sees everything, belongs to no department. */
  supervisor: Person;
  /** Belongs to no department and holds `lent`. */
  outsider: Person;
  full: Person;
  held: string;
  queued: string;
  resolved: string;
  lent: string;
};

export const everybody = ["contact", "agent", "colleague", "supervisor", "outsider"] as const;

export const idOf = (person: Person) => person.ready!.actor.id;

export const settleWorld = async (company: Company): Promise<World> => {
  const tenant = await company.tenant({ roles: ["agent", "agent"] });
  const { superuser } = company;
  const stranger = await addAgent(superuser, tenant, "agent", { inDepartment: false });
  const boss = await addAgent(superuser, tenant, "manager", { inDepartment: false });
  const busy = await addAgent(superuser, tenant, "agent", { capacity: 0 });
  const [contact, agent, colleague, supervisor, outsider, full] = await Promise.all([
    company.contact(tenant),
    ...[tenant.agents[0]!, tenant.agents[1]!, boss, stranger, busy].map((one) => company.agent(tenant, { agent: one })),
  ] as [Promise<Person>, Promise<Person>, Promise<Person>, Promise<Person>, Promise<Person>, Promise<Person>]);
  const [held, queued, resolved, lent] = (await Promise.all(
    ["first", "second", "third", "fourth"].map(async (body) => (await begin(contact, body)).id),
  )) as [string, string, string, string];
  const talking = async () => {
    await say(agent, held, "how can I help?");
    await say(contact, held, "like this?");
    await say(agent, held, "a note", { audience: "internal" });
    await say(colleague, held, "another note", { audience: "internal" });
    await ask(contact, "receipt:record", { conversationId: held, deliveredSeq: 3, readSeq: 3 });
    await ask(agent, "receipt:record", { conversationId: held, readSeq: 1 });
  };
  const resolving = async () => {
    await say(agent, resolved, "it is done");
    await ask(agent, "conversation:resolve", { conversationId: resolved });
  };
  const lending = () => ask(agent, "conversation:assign", { conversationId: lent, agentId: idOf(outsider) });
  await Promise.all([talking(), resolving(), lending()]);
  return { tenant, contact, agent, colleague, supervisor, outsider, full, held, queued, resolved, lent };
};
