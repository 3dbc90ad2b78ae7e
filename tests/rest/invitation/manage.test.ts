import { expect, test } from "vitest";
import { startApp, useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { ask, auditOf, refusalOf, settled, tokenFor } from "../requests.ts";
import { giveRole, invite, mailsOf, seatsOf, tokenOf } from "./support.ts";

const app = useApp();

test("sending again mails another link, which holds for another week", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const { invitation, token: first } = await invite(app(), tenant, { email: "again@example.test" });
  await app().superuser.query("UPDATE invitations SET expires_at = now() + interval '1 hour' WHERE id = $1", [
    invitation.id,
  ]);
  const token = await tokenFor(app(), tenant);
  const { status, body } = await ask(app().url, "POST", `/invitations/${invitation.id}/resend`, { token });
  expect(status).toBe(200);
  expect(Date.parse(body.invitation.expiresAt)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
  const mails = await mailsOf(app(), tenant);
  expect(mails).toHaveLength(2);
  expect(tokenOf(mails[1]!)).not.toBe(first);
  expect(await seatsOf(app(), tenant)).toBe(2);
});

test("one that ran out needs a free seat to be sent again", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], plan: "basic" });
  const token = await tokenFor(app(), tenant);
  const { invitation } = await invite(app(), tenant, { email: "late@example.test" });
  await app().superuser.query("UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1", [
    invitation.id,
  ]);
  const { invitation: other } = await invite(app(), tenant, { email: "quick@example.test" });
  const resend = () => ask(app().url, "POST", `/invitations/${invitation.id}/resend`, { token });
  expect(refusalOf(await resend())).toEqual([403, "limit_exceeded"]);
  expect((await ask(app().url, "DELETE", `/invitations/${other.id}`, { token })).status).toBe(204);
  expect((await resend()).body.invitation.status).toBe("pending");
  expect(await seatsOf(app(), tenant)).toBe(3);
});

test("what is taken back or accepted is over: it is neither sent again nor accepted, and taking back twice is once", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const { invitation } = await invite(app(), tenant, { email: "over@example.test" });
  for (let twice = 0; twice < 2; twice++)
    expect((await ask(app().url, "DELETE", `/invitations/${invitation.id}`, { token })).status).toBe(204);
  expect(refusalOf(await ask(app().url, "POST", `/invitations/${invitation.id}/resend`, { token }))).toEqual([
    409,
    "conflict",
  ]);
  expect((await auditOf(app(), tenant)).map(({ action }) => action)).toEqual([
    "invitation.create",
    "invitation.revoke",
  ]);
  const { body } = await ask(app().url, "GET", "/invitations?status=revoked", { token });
  expect(body.data).toMatchObject([{ id: invitation.id, status: "revoked", revokedAt: expect.any(String) }]);
});

test("a manager may neither send an admin's invitation again as their own nor take it back", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "manager"] });
  const { invitation } = await invite(app(), tenant, { email: "boss@example.test", role: "tenant_admin" });
  const token = await tokenFor(app(), tenant, tenant.agents[1]);
  expect(refusalOf(await ask(app().url, "POST", `/invitations/${invitation.id}/resend`, { token }))).toEqual([
    403,
    "permission_denied",
  ]);
  const takingBack = await ask(app().url, "DELETE", `/invitations/${invitation.id}`, { token });
  expect(refusalOf(takingBack)).toEqual([403, "permission_denied"]);
});

test("invitations are listed newest first, page by page, and stay put while others come", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const made: string[] = [];
  for (let n = 0; n < 5; n++)
    made.unshift((await invite(app(), tenant, { email: `n${n}@example.test` })).invitation.id);
  const first = await ask(app().url, "GET", "/invitations?limit=2", { token });
  await invite(app(), tenant, { email: "later@example.test" });
  const seen = first.body.data.map(({ id }: any) => id);
  for (let cursor = first.body.nextCursor; cursor;) {
    const { body } = await ask(app().url, "GET", `/invitations?limit=2&cursor=${cursor}`, { token });
    seen.push(...body.data.map(({ id }: any) => id));
    cursor = body.nextCursor;
  }
  expect(seen).toEqual(made);
  expect(refusalOf(await ask(app().url, "GET", "/invitations?cursor=not-one", { token }))).toEqual([
    400,
    "invalid_payload",
  ]);
});

test("another workspace's invitation is not found, whatever one would do with it", async () => {
  const [tenant, other] = [
    await app().tenant({ roles: ["tenant_admin"] }),
    await app().tenant({ roles: ["tenant_admin"] }),
  ];
  const { invitation } = await invite(app(), other, { email: "theirs@example.test" });
  const token = await tokenFor(app(), tenant);
  for (const [method, path] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/resend"],
  ] as const)
    expect(refusalOf(await ask(app().url, method, `/invitations/${invitation.id}${path}`, { token }))).toEqual([
      404,
      "not_found",
    ]);
  expect((await ask(app().url, "GET", "/invitations", { token })).body.data).toEqual([]);
  expect(await seatsOf(app(), other)).toBe(2);
});

test("an admin who has been demoted a moment ago invites nobody by a request that was on its way", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const blocker = await app().superuser.connect();
  try {
    await blocker.query("BEGIN");
    await blocker.query("SELECT 1 FROM tenants WHERE id = $1 FOR NO KEY UPDATE", [tenant.id]);
    const answer = ask(app().url, "POST", "/invitations", { token, body: { email: "x@example.test", role: "agent" } });
    // It has passed the door and waits for its turn.
    await eventually(async () => {
      const { rows } = await app().superuser.query(
        `SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR NO KEY UPDATE%'`,
      );
      return rows.length > 0;
    }, "the request waits for the tenant");
    await giveRole(app(), tenant, tenant.agents[0]!, "read_only");
    await blocker.query("COMMIT");
    expect(refusalOf(await answer)).toEqual([403, "permission_denied"]);
  } finally {
    blocker.release();
  }
  expect(await seatsOf(app(), tenant)).toBe(2);
});

test("nobody's mailbox is filled by inviting them over and over", async () => {
  const strict = await startApp({ RATE_LIMIT_FACTOR: "1" });
  await settled(strict);
  const tenant = await strict.tenant({ roles: ["tenant_admin"] });
  const { invitation } = await invite(strict, tenant, { email: "enough@example.test" });
  const token = await tokenFor(strict, tenant);
  const resend = () => ask(strict.url, "POST", `/invitations/${invitation.id}/resend`, { token });
  for (let n = 0; n < 4; n++) expect((await resend()).status).toBe(200);
  const refused = await resend();
  expect(refusalOf(refused)).toEqual([429, "rate_limited"]);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3_000);
  expect(await mailsOf(strict, tenant)).toHaveLength(5);
});
