import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { talk } from "../../socket/support/scene.ts";
import { assignmentsOf } from "../../socket/support/tables.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";

const app = useApp();
const sweep = () => handlers["agent.sweep"](app().app.node);

// What a node leaves that dies right after it has decided.
const changes = {
  "has been deactivated": "UPDATE memberships SET status = 'deactivated' WHERE tenant_id = $1",
  "may no longer answer": "UPDATE memberships SET role = 'read_only' WHERE tenant_id = $1",
  "holds a role that lost the right to answer": "UPDATE memberships SET role = 'mute' WHERE tenant_id = $1",
};

const addRoles = ({ id }: TestTenant) =>
  app().superuser.query(
    `INSERT INTO roles (tenant_id, key, name, permissions)
     VALUES ($1, 'mute', 'Mute', '{conversation.read}'), ($1, 'helper', 'Helper', '{conversation.read,message.send}')`,
    [id],
  );

test.each(Object.entries(changes))(
  "what somebody still holds who %s goes back to the queue, once",
  async (_who, change) => {
    const { tenant, conversationId } = await talk(app());
    await addRoles(tenant);
    await app().superuser.query(change, [tenant.id]);
    await Promise.all([sweep(), sweep()]);
    await sweep();
    expect(await assignmentsOf(app().superuser, conversationId)).toMatchObject([{ running: false }]);
    const { rows } = await app().superuser.query(
      `SELECT c.status, c.assignee_id, m.active_count,
       (SELECT count(*)::int FROM entries e WHERE e.conversation_id = c.id AND e.activity->>'type' = 'requeued') AS requeued
     FROM conversations c JOIN memberships m ON m.tenant_id = c.tenant_id WHERE c.id = $1`,
      [conversationId],
    );
    expect(rows).toEqual([{ status: "queued", assignee_id: null, active_count: 0, requeued: 1 }]);
  },
);

test("whoever may answer keeps what they hold", async () => {
  const { tenant, conversationId } = await talk(app());
  await addRoles(tenant);
  await sweep();
  await app().superuser.query("UPDATE memberships SET role = 'helper' WHERE tenant_id = $1", [tenant.id]);
  await sweep();
  expect(await assignmentsOf(app().superuser, conversationId)).toMatchObject([{ running: true }]);
});
