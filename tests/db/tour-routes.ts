import { preparationsFor } from "../rest/routes-preparations.ts";
import { all, callRoute, createWorld, worldRoles } from "../rest/routes-world.ts";
import type { TestApp } from "../support/app.ts";
import type { NameServer } from "../support/name-server.ts";
import { addAgent, type TestTenant } from "../support/tenant.ts";

/** Makes room in a workspace for what the next route's example needs. */
const putBack = `
  UPDATE tenants SET status = 'active', plan = 'enterprise' WHERE id = $1;
  UPDATE inboxes SET identity_secrets = '{}' WHERE tenant_id = $1;
  UPDATE business_hours SET name = id::text WHERE tenant_id = $1;
  UPDATE roles SET name = key WHERE tenant_id = $1;
  DELETE FROM tenant_domains WHERE tenant_id = $1`.split(";");

// Behind it no visitor gets in: the page they come from is no longer one of the inbox's.
const isLast = (name: string) => name === "inbox/update";
const inOrder = all.toSorted(([a], [b]) => Number(isLast(a)) - Number(isLast(b)));

/** Asks every route of the REST API what its example asks, each by members of its own. Throws where one is refused. */
export const tourRoutes = async (app: TestApp, tenant: TestTenant, names: NameServer): Promise<void> => {
  const preparations = preparationsFor(() => app, names);
  for (const route of inOrder) {
    const [name, spec] = route;
    const agents = [];
    for (const role of worldRoles) agents.push(await addAgent(app.superuser, tenant, role));
    const world = await createWorld(app, { tenant: { ...tenant, agents } });
    const answer = await callRoute(app, world, route, await preparations[name]?.(world));
    if (answer.status !== spec.status) throw new Error(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
    for (const statement of putBack) await app.superuser.query(statement, [tenant.id]);
  }
};
