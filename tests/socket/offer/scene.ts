import type { Company } from "../../support/company.ts";
import type { Person } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { setPolicy } from "../routing/policy.ts";

export type Offering = { tenant: TestTenant; contact: Person; agents: Person[] };

/** A tenant whose department asks its agents before it gives them anything; all of them are there. */
export const offering = async (
  company: Company,
  { agents: count, capacity = 5, seconds = 60 }: { agents: number; capacity?: number; seconds?: number },
): Promise<Offering> => {
  const roles = Array.from({ length: count }, () => "agent" as const);
  const tenant = await company.tenant({ roles, capacity, strategy: "least_loaded" });
  await setPolicy(company.superuser, tenant, { offer_seconds: seconds });
  const agents: Person[] = [];
  for (const agent of tenant.agents) agents.push(await company.agent(tenant, { agent }));
  return { tenant, contact: await company.contact(tenant), agents };
};
