import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { settingsOf } from "./calls.ts";

const app = useApp();

test("policy and members may change while conversations come in: nothing fails, nobody holds what is not counted", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent", "agent"], strategy: "round_robin" });
  const admin = await settingsOf(app(), tenant);
  const agents = tenant.agents.slice(1);
  const { departmentId } = tenant;
  await Promise.all(agents.map((agent) => app().agent(tenant, { agent })));
  const visitors = await Promise.all(Array.from({ length: 8 }, () => app().contact(tenant)));

  const policies = ["round_robin", "least_loaded", "spare_capacity", "skills"];
  const changing = Array.from({ length: 12 }, (_, n) => {
    const agentId = agents[n % agents.length]!.id;
    if (n % 4 === 0) return admin.ask("department/remove-member", { params: { departmentId, agentId } });
    if (n % 4 === 1) return admin.ask("department/add-member", { params: { departmentId, agentId } });
    const body =
      n % 4 === 2
        ? { strategy: policies[n % policies.length], offerSeconds: n % 8 === 2 ? 60 : null }
        : { memberIds: tenant.agents.map(({ id }) => id) };
    return admin.ask("department/update", { params: { departmentId }, body });
  });
  const starting = visitors.flatMap((visitor) => [visitor.start("one"), visitor.start("two")]);
  const [answers] = await Promise.all([Promise.all(changing), Promise.all(starting)]);
  // A member may be taken out only once.
  expect(answers.filter(({ status }) => ![200, 204, 404].includes(status))).toEqual([]);

  const body = { strategy: "least_loaded", offerSeconds: null, memberIds: agents.map(({ id }) => id) };
  const { department } = await admin.call("department/update", { params: { departmentId }, body });
  expect(department.members).toHaveLength(3);
  const { rows } = await eventually(async () => {
    const counted = await app().superuser.query(
      `SELECT m.user_id, m.active_count, (
           SELECT count(*)::integer FROM assignments a
           WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id AND a.ended_at IS NULL
         ) + (
           SELECT count(*)::integer FROM offers o
           WHERE o.tenant_id = m.tenant_id AND o.agent_id = m.user_id AND o.status = 'pending'
         ) AS held
       FROM memberships m WHERE m.tenant_id = $1`,
      [tenant.id],
    );
    return counted.rows.reduce((sum, { held }) => sum + held, 0) === 16 ? counted : undefined;
  }, "everything is given out");
  expect(rows.map(({ active_count }) => active_count)).toEqual(rows.map(({ held }) => held));
});
