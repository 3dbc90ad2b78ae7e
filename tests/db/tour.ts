import { randomUUID } from "node:crypto";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands } from "../../server/contract/define.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { handlers } from "../../workers/handlers.ts";
import { type JobName, jobs } from "../../workers/jobs.ts";
import { tokenFor } from "../rest/requests.ts";
import { minimal } from "../socket/support/samples.ts";
import type { TestApp } from "../support/app.ts";
import type { TestTenant } from "../support/tenant.ts";

/** Clearing away what is old may look at everything, since it comes once in an hour. */
const seldomMs = 3_600_000;

/**
 * Does what a node and a worker do all day: every command of either side, every frequent job, and what a node looks after by
 * itself meanwhile. What is added to the contract or to the jobs is part of it on arrival.
 */
export const tour = async (app: TestApp, tenant: TestTenant): Promise<void> => {
  const [contact, agent] = [await app.contact(tenant), await app.agent(tenant)];
  const { id: conversationId } = await contact.start("hello");
  const known = async () => ({
    conversationId,
    agentId: tenant.agents[0]!.id,
    departmentId: tenant.departmentId,
    clientId: randomUUID(),
    accessToken: await tokenFor(app, tenant),
  });
  for (const [person, commands] of [
    [contact, widgetCommands],
    [agent, agentCommands],
  ] as [typeof agent, Commands][])
    for (const [name, spec] of Object.entries(commands))
      // Some refuse what the shortest payload asks for; what they read for it is what is looked at.
      await person.command(name, minimal(spec.payload, await known()), 10_000).catch(() => {});
  for (const name of Object.keys(jobs) as JobName[])
    if (jobs[name].everyMs < seldomMs) await handlers[name](app.app.node);
  contact.close();
  agent.close();
};
