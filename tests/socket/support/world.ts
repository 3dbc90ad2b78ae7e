import { randomUUID } from "node:crypto";
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
  /** Another department, in which conversations are offered, and its only member. */
  elsewhere: string;
  specialist: Person;
  /** Held out to `specialist`. */
  offered: string;
  held: string;
  queued: string;
  resolved: string;
  lent: string;
};

export const everybody = ["contact", "agent", "colleague", "supervisor", "outsider", "specialist"] as const;

export const idOf = (person: Person) => person.ready!.actor.id;

type Policy = { strategy?: string; offerSeconds?: number | null; members?: string[] };

/** A further department; by default conversations go to who has least. */
export const addDepartment = async (
  superuser: Company["superuser"],
  tenant: TestTenant,
  { strategy = "least_loaded", offerSeconds = null, members = [] }: Policy = {},
): Promise<string> => {
  const id = randomUUID();
  await superuser.query(
    "INSERT INTO departments (tenant_id, id, name, strategy, offer_seconds) VALUES ($1, $2, $3, $4, $5)",
    [tenant.id, id, `Department ${id.slice(0, 4)}`, strategy, offerSeconds],
  );
  for (const member of members) await addMember(superuser, tenant, id, member);
  return id;
};

export const addMember = async (
  superuser: Company["superuser"],
  tenant: TestTenant,
  departmentId: string,
  userId: string,
): Promise<void> => {
  await superuser.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
    tenant.id,
    departmentId,
    userId,
  ]);
};

export const settleWorld = async (company: Company): Promise<World> => {
  const tenant = await company.tenant({ roles: ["agent", "agent"] });
  const { superuser } = company;
  const stranger = await addAgent(superuser, tenant, "agent", { inDepartment: false });
  const boss = await addAgent(superuser, tenant, "manager", { inDepartment: false });
  const busy = await addAgent(superuser, tenant, "agent", { capacity: 0 });
  const elsewhere = await addDepartment(superuser, tenant, { offerSeconds: 3_600 });
  const expert = await addAgent(superuser, tenant, "agent", { inDepartment: false });
  await addMember(superuser, tenant, elsewhere, expert.id);
  const contact = await company.contact(tenant);
  const [agent, colleague, supervisor, outsider, full, specialist] = (await Promise.all(
    [tenant.agents[0]!, tenant.agents[1]!, boss, stranger, busy, expert].map((one) =>
      company.agent(tenant, { agent: one }),
    ),
  )) as [Person, Person, Person, Person, Person, Person];
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
  const offering = async () => {
    const offer = specialist.next<{ conversation: { id: string } }>("conversation:offered");
    await ask(contact, "conversation:start", { clientId: randomUUID(), body: "fifth", departmentId: elsewhere });
    return (await offer).conversation.id;
  };
  const [offered] = await Promise.all([offering(), talking(), resolving(), lending()]);
  const people = { contact, agent, colleague, supervisor, outsider, full, specialist };
  return { tenant, elsewhere, ...people, held, queued, resolved, lent, offered };
};
