import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, codeOf, say } from "../../socket/support/ask.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin } from "../../socket/support/scene.ts";
import { endImpersonationsOf } from "../../../server/features/impersonation/end.ts";
import { accessAgent } from "../../../server/features/session/access.ts";
import { useApp } from "../../support/app.ts";
import type { TenantOptions, TestTenant } from "../../support/tenant.ts";
import { openSession } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask as askRest, auditOf, refusalOf, tokenFor } from "../requests.ts";
import { type AnswerOf, type Staff, call, request, staffOf } from "./support.ts";

const app = useApp({ SESSION_CHECK_SECONDS: "30", SESSION_GRACE_SECONDS: "30" });
let root: Staff;
let supporter: Staff;

beforeAll(async () => {
  root = await staffOf(app());
  supporter = await staffOf(app(), "platform_support", "Sam");
});

type Started = AnswerOf<"impersonation/create"> & { tenant: TestTenant };

const actAs = async (
  tenant: TestTenant,
  more: { userId?: string; write?: boolean; minutes?: number } = {},
  staff: Staff = supporter,
): Promise<Started> => ({
  tenant,
  ...(await call(app(), "impersonation/create", {
    token: staff.token,
    body: { tenantId: tenant.id, reason: "A conversation does not load.", minutes: 5, ...more },
  })),
});
const start = async (more: Parameters<typeof actAs>[1] = {}, options: TenantOptions = {}): Promise<Started> =>
  actAs(await app().tenant({ roles: ["tenant_admin", "agent"], ...options }), more);

const refusedStart = async (body: object, staff = supporter) =>
  refusalOf(await request(app(), "impersonation/create", { token: staff.token, body }));
const end = (impersonationId: string, { token }: Staff = supporter) =>
  call(app(), "impersonation/end", { token, params: { impersonationId } });
const rest = (path: string, method: string, token: string) => askRest(app().url, method, path, { token });
const presentIn = async ({ id }: TestTenant) => (await app().app.node.presence.listPresent(id)) ?? [];

/** Lets the time of a session that stands be over in a moment, as if it had been asked for that long. */
const shorten = async ({ tenant, impersonation: { id, user } }: Started, seconds: number): Promise<string> => {
  await app().superuser.query("UPDATE sessions SET expires_at = now() + make_interval(secs => $2) WHERE id = $1", [
    id,
    seconds,
  ]);
  const claims = { sub: user.id, tid: tenant.id, sid: id, act: { sub: supporter.member.id } };
  return app().app.node.tokens.signImpersonation(claims, seconds);
};

describe("acting as a member", () => {
  test("opens the workspace as the admin who has been there longest, to look at, with both names in both logs", async () => {
    const { tenant, impersonation, accessToken, expiresIn } = await start();
    const [admin] = tenant.agents;
    expect(impersonation).toMatchObject({
      tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name },
      user: { id: admin!.id, name: admin!.name, email: admin!.email },
      impersonator: { id: supporter.member.id, name: "Sam" },
      reason: "A conversation does not load.",
      readOnly: true,
      endedAt: null,
    });
    expect(expiresIn).toBe(300);
    expect(jwt.decode(accessToken)).toMatchObject({ sub: admin!.id, act: { sub: supporter.member.id } });
    expect(Date.parse(impersonation.expiresAt) - Date.parse(impersonation.startedAt)).toBe(300_000);
    const { tenant: seen } = await call(app(), "tenant/get", { token: accessToken });
    expect(seen.id).toBe(tenant.id);
    const event = {
      action: "impersonation.create",
      target_id: impersonation.id,
      actor_id: supporter.member.id,
      actor_name: "Sam",
      after: { reason: "A conversation does not load.", readOnly: true },
    };
    expect(await auditOf(app(), tenant)).toMatchObject([
      { ...event, actor_kind: "platform", on_behalf_of_id: admin!.id },
    ]);
    expect((await auditOf(app(), supporter.home)).at(-1)).toMatchObject({
      ...event,
      actor_kind: "agent",
      after: { ...event.after, tenantId: tenant.id, onBehalfOfId: admin!.id },
    });
  });

  test("as another member it opens what that member may do, and no more", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
    const { accessToken } = await actAs(tenant, { userId: tenant.agents[1]!.id });
    expect(refusalOf(await request(app(), "tenant/get", { token: accessToken }))).toEqual([403, "permission_denied"]);
  });

  test("every route that changes something is refused to who may only look", async () => {
    const { tenant, accessToken: token } = await start();
    const answers = [
      await request(app(), "tenant/update", { token, body: { name: "Changed" } }),
      await request(app(), "plan/update", { token, body: { plan: "basic" } }),
    ];
    for (const answer of answers) expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
    expect((await call(app(), "tenant/get", { token })).tenant.name).toBe(tenant.name);
    expect(await auditOf(app(), tenant)).toHaveLength(1);
  });

  test("with leave to write, what is done stands in the log under both identities", async () => {
    const { tenant, impersonation, accessToken: token } = await start({ write: true });
    expect(impersonation.readOnly).toBe(false);
    await call(app(), "tenant/update", { token, body: { name: "Repaired" } });
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "tenant.update",
      actor_kind: "platform",
      actor_id: supporter.member.id,
      actor_name: "Sam",
      on_behalf_of_id: tenant.agents[0]!.id,
    });
  });

  test("no route of somebody's own login is open, even with leave to write", async () => {
    const { accessToken: token } = await start({ write: true });
    const { routes } = await import("../../../server/contract/admin.ts");
    const own = Object.entries(routes).filter(([, { auth, path }]) => auth === "person" && !path.includes(":"));
    expect(own.length).toBeGreaterThan(0);
    for (const [name] of own)
      expect(refusalOf(await request(app(), name as never, { token, body: {} }))).toEqual([403, "permission_denied"]);
  });

  test("it can't begin for an unknown workspace or member, Parley's own, a suspended one, without a reason, or for more than an hour", async () => {
    const [tenant, other] = [await app().tenant(), await app().tenant()];
    const body = { tenantId: tenant.id, userId: tenant.agents[0]!.id, reason: "because", minutes: 5 };
    expect(await refusedStart({ ...body, tenantId: randomUUID() })).toEqual([404, "not_found"]);
    expect(await refusedStart({ ...body, userId: other.agents[0]!.id })).toEqual([404, "not_found"]);
    expect(await refusedStart({ ...body, tenantId: root.home.id, userId: root.member.id })).toEqual([409, "conflict"]);
    for (const wrong of [{ reason: " " }, { reason: undefined }, { minutes: 61 }, { minutes: 0 }, { minutes: 1.5 }])
      expect(await refusedStart({ ...body, ...wrong })).toEqual([400, "invalid_payload"]);
    // Nobody to act as: the workspace has no admin.
    expect(await refusedStart({ ...body, userId: undefined })).toEqual([404, "not_found"]);
    await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE tenant_id = $1", [tenant.id]);
    expect(await refusedStart(body)).toEqual([404, "not_found"]);
    await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [tenant.id]);
    expect(await refusedStart(body)).toEqual([409, "conflict"]);
    expect(await auditOf(app(), tenant)).toEqual([]);
  });

  test("whoever acts as a member can't use that to act as another", async () => {
    const { accessToken: token } = await start({ write: true });
    const { id: tenantId } = await app().tenant();
    const answer = await request(app(), "impersonation/create", { token, body: { tenantId, reason: "because" } });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
  });
});

describe("its end", () => {
  test("comes at once on demand: the token opens nothing, the socket is closed, and both logs say so, once", async () => {
    const { tenant, impersonation, accessToken: token } = await start();
    const viewer = await app().agent(tenant, { token: () => token });
    const ear = await hear(viewer);
    const { impersonation: ended } = await end(impersonation.id);
    expect(ended.endedAt).not.toBeNull();
    expect(await ear.next("session:ended")).toEqual({ reason: "impersonation_ended", reconnect: false });
    expect(refusalOf(await request(app(), "tenant/get", { token }))).toEqual([401, "unauthenticated"]);
    expect((await end(impersonation.id, root)).impersonation).toEqual(ended);
    const ends = (events: { action: string; target_id: string }[]) =>
      events.filter(({ action, target_id: id }) => action === "impersonation.end" && id === impersonation.id);
    expect(ends(await auditOf(app(), tenant))).toHaveLength(1);
    expect(ends(await auditOf(app(), supporter.home))).toHaveLength(1);
  });

  test("comes by itself when the time is up, without a grace, and nothing renews it", async () => {
    const started = await start({ write: true });
    const { tenant } = started;
    const token = await shorten(started, 3);
    const viewer = await app().agent(tenant, { token: () => token });
    const ear = await hear(viewer);
    const own = await openSession(app().superuser, tenant, tenant.agents[0]!);
    for (const accessToken of [token, own, started.accessToken])
      expect(await codeOf(ask(viewer, "session:renew", { accessToken }))).toBe("permission_denied");
    expect(await ear.next("session:ended")).toEqual({ reason: "expired", reconnect: false });
    // A token counts whole seconds, so the session may outlive it by one.
    await eventually(
      async () => (await request(app(), "tenant/get", { token: started.accessToken })).status === 401,
      "the session is over",
    );
  });

  test("a member's own socket is not renewed with the token of somebody who acts as them", async () => {
    const { tenant, accessToken } = await start();
    const admin = await app().agent(tenant);
    expect(await codeOf(ask(admin, "session:renew", { accessToken }))).toBe("unauthenticated");
    await ask(admin, "conversation:list", {});
  });

  test("comes for all that one of the staff has under way when they leave", async () => {
    const [mine, another] = [await start(), await actAs(await app().tenant({ roles: ["tenant_admin"] }), {}, root)];
    const claims = app().app.node.tokens.checkAccess(root.token);
    const { tenant, actor } = await accessAgent(app().app.node, claims);
    const ctx = { tenant, actor, node: app().app.node, log: app().app.node.log };
    await endImpersonationsOf(ctx, supporter.member.id);
    expect(refusalOf(await request(app(), "tenant/get", { token: mine.accessToken }))).toEqual([
      401,
      "unauthenticated",
    ]);
    await call(app(), "tenant/get", { token: another.accessToken });
  });

  describe("comes with the session that began it", () => {
    const ends: [how: string, end: (staff: Staff) => Promise<unknown>][] = [
      [
        "which is revoked from another device",
        async ({ home, member, token }) => {
          const laptop = await openSession(app().superuser, home, member);
          const { sid } = app().app.node.tokens.checkAccess(token);
          expect((await rest(`/auth/sessions/${sid}`, "DELETE", laptop)).status).toBe(204);
        },
      ],
      ["which is signed out", ({ token }) => rest("/auth/logout", "POST", token)],
      [
        "whose owner is deactivated",
        ({ member }) => call(app(), "agent/deactivate", { token: root.token, params: { agentId: member.id } }),
      ],
    ];
    test.each(ends)("%s: at once, for its token and its socket, and on record", async (_how, endIt) => {
      const staff = await staffOf(app(), "super_admin");
      const { tenant, accessToken, impersonation } = await actAs(
        await app().tenant({ roles: ["tenant_admin"] }),
        { write: true },
        staff,
      );
      const viewer = await app().agent(tenant, { token: () => accessToken });
      const ear = await hear(viewer);
      await endIt(staff);
      expect(await ear.next("session:ended")).toEqual({ reason: "impersonation_ended", reconnect: false });
      expect(refusalOf(await request(app(), "tenant/get", { token: accessToken }))).toEqual([401, "unauthenticated"]);
      const { data } = await call(app(), "impersonation/list", {
        token: root.token,
        query: `?tenantId=${tenant.id}&active=false`,
      });
      expect(data.map(({ id }) => id)).toEqual([impersonation.id]);
    });

    test.each([
      ["the session is revoked", "UPDATE sessions SET revoked_at = now() WHERE user_id = $1"],
      ["the session is over", "UPDATE sessions SET expires_at = now() WHERE user_id = $1"],
      ["the role no longer includes it", "UPDATE memberships SET role = 'tenant_admin' WHERE user_id = $1"],
      ["its owner is deactivated", "UPDATE memberships SET status = 'deactivated' WHERE user_id = $1"],
    ])("where nobody was told that %s, the token still opens nothing", async (_what, change) => {
      const staff = await staffOf(app(), "platform_support");
      const { accessToken } = await actAs(await app().tenant({ roles: ["tenant_admin"] }), {}, staff);
      await app().superuser.query(
        `INSERT INTO roles (tenant_id, key, name, built_in) VALUES ($1, 'tenant_admin', 'tenant_admin', true) ON CONFLICT DO NOTHING`,
        [staff.home.id],
      );
      await app().superuser.query(change, [staff.member.id]);
      expect(refusalOf(await request(app(), "tenant/get", { token: accessToken }))).toEqual([401, "unauthenticated"]);
    });

    describe("within the next look at the sessions", () => {
      const looking = useApp({ SESSION_CHECK_SECONDS: "1" });

      test("for a socket whose node was told nothing", async () => {
        const staff = await staffOf(looking());
        const tenant = await looking().tenant({ roles: ["tenant_admin"] });
        const body = { tenantId: tenant.id, reason: "A conversation does not load." };
        const { accessToken } = await call(looking(), "impersonation/create", { token: staff.token, body });
        const viewer = await looking().agent(tenant, { token: () => accessToken });
        const ear = await hear(viewer);
        await looking().superuser.query("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", [staff.member.id]);
        expect(await ear.next("session:ended")).toEqual({ reason: "impersonation_ended", reconnect: false });
      });
    });
  });

  test("of one that never was is not found", async () => {
    const answer = await request(app(), "impersonation/end", {
      token: root.token,
      params: { impersonationId: randomUUID() },
    });
    expect(refusalOf(answer)).toEqual([404, "not_found"]);
  });
});

describe("on a socket", () => {
  test("an impersonator lists and opens conversations, changes nothing, leaves no receipt, and is present to nobody", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    const contact = await app().contact(tenant);
    const { id: conversationId } = await begin(contact);
    const { accessToken } = await actAs(tenant);
    const viewer = await app().agent(tenant, { token: () => accessToken });
    const { conversations } = await ask(viewer, "conversation:list", {});
    expect(conversations.map(({ id }) => id)).toEqual([conversationId]);
    const { entries } = await ask(viewer, "conversation:open", { conversationId });
    expect(entries).toHaveLength(1);
    const refusals = [
      ask(viewer, "message:send", { conversationId, clientId: randomUUID(), body: "hello" }),
      ask(viewer, "conversation:assign", { conversationId }),
      ask(viewer, "conversation:resolve", { conversationId }),
      ask(viewer, "receipt:record", { conversationId, readSeq: 1 }),
      ask(viewer, "typing:set", { conversationId, typing: true }),
      ask(viewer, "availability:set", { availability: "away" }),
      ask(viewer, "presence:set", { presence: "idle" }),
    ];
    for (const refusal of refusals) expect(await codeOf(refusal)).toBe("permission_denied");
    expect(await presentIn(tenant)).toEqual([]);
    const { rows } = await app().superuser.query(
      "SELECT (SELECT count(*)::int FROM receipts WHERE tenant_id = $1 AND actor_kind = 'agent') AS receipts, status FROM conversations WHERE tenant_id = $1",
      [tenant.id],
    );
    expect(rows).toEqual([{ receipts: 0, status: "queued" }]);
  });

  test("what comes in meanwhile is seen live", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    const contact = await app().contact(tenant);
    const { id: conversationId } = await begin(contact);
    const { accessToken } = await actAs(tenant);
    const viewer = await app().agent(tenant, { token: () => accessToken });
    await ask(viewer, "conversation:open", { conversationId });
    const ear = await hear(viewer);
    await say(contact, conversationId, "still there?");
    expect((await ear.next("entry:appended")).entry.body).toBe("still there?");
  });

  test("with leave to write, an impersonator answers in the member's name, on record, without reading or taking anything for them", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"], strategy: "least_loaded" });
    const contact = await app().contact(tenant);
    const { accessToken } = await actAs(tenant, { write: true });
    const viewer = await app().agent(tenant, { token: () => accessToken });
    const { id: conversationId } = await begin(contact);
    const sent = await say(viewer, conversationId, "We are looking into it.");
    await ask(viewer, "receipt:record", { conversationId, readSeq: 1 });
    const refusals = [
      ask(viewer, "conversation:assign", { conversationId }),
      ask(viewer, "availability:set", { availability: "away" }),
    ];
    for (const refusal of refusals) expect(await codeOf(refusal)).toBe("permission_denied");
    expect(await ask(viewer, "presence:set", { presence: "idle" })).toEqual({ presence: "offline" });
    expect(await presentIn(tenant)).toEqual([]);
    const { rows } = await app().superuser.query(
      `SELECT (SELECT count(*)::int FROM receipts r WHERE r.tenant_id = c.tenant_id AND actor_kind = 'agent') AS receipts,
         assignee_id, status FROM conversations c WHERE tenant_id = $1`,
      [tenant.id],
    );
    expect(rows).toEqual([{ receipts: 0, assignee_id: null, status: "queued" }]);
    expect((await auditOf(app(), tenant)).at(-1)).toMatchObject({
      action: "message.send",
      target_id: sent.id,
      actor_kind: "platform",
      actor_id: supporter.member.id,
      on_behalf_of_id: tenant.agents[0]!.id,
    });
  });
});

test("the list says who acted as whom, where, why and until when, the latest first, a page at a time", async () => {
  const [first, second] = [await start(), await start()];
  await end(second.impersonation.id);
  const list = (query: string) => call(app(), "impersonation/list", { token: supporter.token, query });
  const page = await list("?limit=1");
  expect(page.data).toMatchObject([{ id: second.impersonation.id, impersonator: { name: "Sam" } }]);
  expect(page.data[0]!.endedAt).not.toBeNull();
  expect((await list(`?limit=1&cursor=${page.nextCursor}`)).data).toEqual([first.impersonation]);
  expect((await list(`?tenantId=${first.tenant.id}`)).data).toEqual([first.impersonation]);
  const running = (await list("?active=true&limit=100")).data.map(({ id }) => id);
  expect(running).toContain(first.impersonation.id);
  expect(running).not.toContain(second.impersonation.id);
  // The member ends it too, by ending the session.
  await app().superuser.query("UPDATE sessions SET revoked_at = now() WHERE id = $1", [first.impersonation.id]);
  expect((await list(`?tenantId=${first.tenant.id}`)).data[0]!.endedAt).not.toBeNull();
});

test("an ordinary token of the same session opens nothing, so a read-only look is no way around", async () => {
  const { tenant, impersonation } = await start();
  const { token } = app().app.node.tokens.signAccess({
    sub: impersonation.user.id,
    tid: tenant.id,
    sid: impersonation.id,
  });
  // It is the session that says who acts, whatever the token is.
  const answer = await request(app(), "tenant/update", { token, body: { name: "Changed" } });
  expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
  const own = await tokenFor(app(), tenant);
  expect((await call(app(), "tenant/get", { token: own })).tenant.name).toBe(tenant.name);
});
