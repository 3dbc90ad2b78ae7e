import type pg from "pg";
import { onTestFinished } from "vitest";
import { expectNothingLost } from "./evidence.ts";
import type { TestNode } from "./nodes.ts";
import { agentAt, contactAt } from "./people.ts";
import type { AgentOptions, ContactOptions, Person } from "./people.ts";
import { createTenant, openSession } from "./tenant.ts";
import type { TenantOptions, TestAgent, TestTenant } from "./tenant.ts";

/** Where somebody connects: a node, or a proxy of the test's own. */
type Place = { at?: Pick<TestNode, "url"> };

/** The people of a test and what they need: tenants, connected clients, a verdict in the end. */
export type Company = {
  /** Where they connect unless told otherwise, and where the checker looks again. */
  url: string;
  /** Sees across tenants, as no part of the product does. */
  superuser: pg.Pool;
  tenant: (options?: TenantOptions) => Promise<TestTenant>;
  /** A connected contact. Whoever is made here is judged by `verdict` and closed in the end. */
  contact: (tenant: TestTenant, options?: ContactOptions & Place) => Promise<Person>;
  /** A connected agent; the tenant's first unless another is named, in a session of their own. */
  agent: (tenant: TestTenant, options?: AgentOptions & Place) => Promise<Person>;
  /** Has the checker look at everybody so far. Throws its report when a promise was broken, returns it otherwise. */
  verdict: () => Promise<string>;
};

/** Takes work to be done when whatever it belongs to is over; the latest is done first. */
export type AtEnd = (work: () => unknown) => void;

/** Ends with the test at hand. */
export const withTest: AtEnd = (work) =>
  onTestFinished(async () => {
    await work();
  });

/** Collects work for the end, for what is shared by many tests. */
export const collectEnds = (): { atEnd: AtEnd; end: () => Promise<void> } => {
  const ends: (() => unknown)[] = [];
  return {
    atEnd: (work) => ends.push(work),
    end: async () => {
      for (const work of ends.toReversed()) await work();
    },
  };
};

export const gatherCompany = (url: string, superuser: pg.Pool, atEnd: AtEnd): Company => {
  const people: Person[] = [];
  atEnd(() => {
    for (const person of people) person.close();
  });
  const openToken = async (tenant: TestTenant, agent: TestAgent = tenant.agents[0]!) => {
    const token = await openSession(superuser, tenant, agent);
    return () => token;
  };
  const welcome = async (person: Person): Promise<Person> => {
    people.push(person);
    await person.connect();
    return person;
  };
  return {
    url,
    superuser,
    tenant: (options) => createTenant(superuser, options),
    contact: (tenant, { at = { url }, ...options } = {}) =>
      welcome(contactAt(at.url, tenant, { againAt: url, ...options })),
    agent: async (tenant, { at = { url }, ...options } = {}) => {
      const token = options.token ?? (await openToken(tenant, options.agent));
      return welcome(agentAt(at.url, tenant, { againAt: url, ...options, token }));
    },
    verdict: () => expectNothingLost(superuser, people),
  };
};
