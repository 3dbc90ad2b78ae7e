import { beforeAll, describe, expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin } from "../../socket/support/scene.ts";
import { ask } from "../../socket/support/ask.ts";
import { useApp } from "../../support/app.ts";
import { contactAt, agentAt } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { sleep } from "../../support/wait.ts";
import { auditOf, refusalOf, tokenFor } from "../requests.ts";
import { type Staff, call, mailsTo, request, staffOf } from "./support.ts";

// Nothing here may wait for the look at the sessions that every node takes from time to time.
const app = useApp({ SESSION_CHECK_SECONDS: "30" });
let root: Staff;

beforeAll(async () => {
  root = await staffOf(app());
});

const suspend = ({ id: tenantId }: TestTenant, reason = "The invoices are unpaid.") =>
  call(app(), "platform-tenant/suspend", { token: root.token, params: { tenantId }, body: { reason } });
const resume = ({ id: tenantId }: TestTenant) =>
  call(app(), "platform-tenant/resume", { token: root.token, params: { tenantId } });

test("suspending tells members and visitors, ends their sockets, and says so in both logs and a mail", async () => {
  const [tenant, other] = [await app().tenant({ roles: ["tenant_admin"] }), await app().tenant()];
  const [agent, contact, stranger] = [await app().agent(tenant), await app().contact(tenant), await app().agent(other)];
  const ears = [await hear(agent), await hear(contact)];
  const { tenant: shown } = await suspend(tenant);
  expect(shown).toMatchObject({ status: "suspended", suspendReason: "The invoices are unpaid." });
  expect(shown.suspendedAt).not.toBeNull();
  for (const ear of ears)
    expect(await ear.next("session:ended")).toEqual({ reason: "tenant_suspended", reconnect: false });
  for (const person of [agent, contact]) await person.until(() => !person.socket.connected, "the socket is closed");
  await ask(stranger, "conversation:list", {});
  const event = { action: "tenant.suspend", actor_id: root.member.id, target_id: tenant.id };
  expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({ ...event, actor_kind: "platform" });
  expect((await auditOf(app(), root.home)).at(-1)).toMatchObject({ ...event, actor_kind: "agent" });
  const [mail] = await mailsTo(app(), tenant.agents[0]!.email);
  // A suspended workspace's own mails wait; this one must not.
  expect(mail).toMatchObject({ kind: "workspace_suspended", tenant_id: root.home.id });
  expect(mail.text).toContain("The invoices are unpaid.");
});

test("while it is suspended nobody gets in: not by REST, not by socket, and no visitor, though the inbox was just in use", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  await app().contact(tenant);
  const token = await tokenFor(app(), tenant);
  await suspend(tenant);
  const answer = await request(app(), "tenant/get", { token });
  expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
  expect(answer.body.error.details).toEqual({ reason: "tenant_suspended" });
  const agent = agentAt(app().url, tenant, { token: () => token });
  const visitor = contactAt(app().url, tenant);
  for (const person of [agent, visitor]) {
    person.connect().catch(() => {});
    await person.until(() => person.refused, "the handshake is refused");
    expect(person.refused).toMatchObject({ details: { reason: "tenant_suspended" } });
    person.close();
  }
  expect(agent.refused!.code).toBe("unauthenticated");
  expect(visitor.refused!.code).toBe("permission_denied");
});

test("of many who come while it is being suspended nobody stays", async () => {
  const tenant = await app().tenant();
  const token = await tokenFor(app(), tenant);
  const crowd = Array.from({ length: 60 }, (_, i) =>
    i % 2 ? contactAt(app().url, tenant) : agentAt(app().url, tenant, { token: () => token }),
  );
  const coming = crowd.map(async (person, i) => {
    await sleep(i * 5);
    person.connect().catch(() => {});
  });
  await crowd[10]!.until(() => crowd[10]!.ready, "some are in");
  await suspend(tenant);
  await Promise.all(coming);
  await Promise.all(
    crowd.map(async (person) => {
      await person.until(() => person.ended ?? person.refused, "the socket is ended, or was never let in");
      await person.until(() => !person.socket.connected, "the socket is closed");
    }),
  );
  for (const { ended, refused } of crowd)
    expect(ended?.reason ?? refused?.details?.["reason"]).toBe("tenant_suspended");
  for (const person of crowd) person.close();
});

test("resuming opens it again with everything it held", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const contact = await app().contact(tenant);
  const { id } = await begin(contact);
  const { visitorToken } = contact;
  const token = await tokenFor(app(), tenant);
  await suspend(tenant);
  const { tenant: shown } = await resume(tenant);
  expect(shown).toMatchObject({ status: "active", suspendedAt: null, suspendReason: null });
  expect((await call(app(), "tenant/get", { token })).tenant.id).toBe(tenant.id);
  const back = await app().contact(tenant, { visitorToken: visitorToken! });
  expect(back.ready!.cursors.map(({ conversationId }) => conversationId)).toEqual([id]);
});

test("suspending twice and resuming what is open change nothing", async () => {
  const tenant = await app().tenant();
  await resume(tenant);
  expect(await auditOf(app(), tenant)).toEqual([]);
  const { tenant: first } = await suspend(tenant, "first");
  expect((await suspend(tenant, "second")).tenant).toEqual(first);
  expect(await auditOf(app(), tenant)).toHaveLength(1);
});

test("jobs pass a suspended workspace over, and see to it once it is back", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"], plan: "pro" });
  await app().superuser.query(
    "UPDATE tenants SET subscription_status = 'trialing', trial_ends_at = now() - interval '1 hour' WHERE id = $1",
    [tenant.id],
  );
  await suspend(tenant);
  await handlers["subscription.expire"](app().app.node);
  const planOf = async () =>
    (await app().superuser.query("SELECT plan FROM tenants WHERE id = $1", [tenant.id])).rows[0].plan;
  expect(await planOf()).toBe("pro");
  await resume(tenant);
  await handlers["subscription.expire"](app().app.node);
  expect(await planOf()).toBe("basic");
});

describe("Parley's own workspace", () => {
  test.each([
    ["platform-tenant/suspend", { reason: "by mistake" }],
    ["platform-tenant/resume", undefined],
    ["platform-tenant/set-plan", { plan: "basic" }],
  ] as const)("is beyond %s", async (name, body) => {
    const params = { tenantId: root.home.id };
    expect(refusalOf(await request(app(), name, { token: root.token, params, body }))).toEqual([409, "conflict"]);
    const { rows } = await app().superuser.query("SELECT status, plan FROM tenants WHERE id = $1", [root.home.id]);
    expect(rows).toEqual([{ status: "active", plan: "enterprise" }]);
  });
});
