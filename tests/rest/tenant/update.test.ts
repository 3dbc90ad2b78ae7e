import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { auditOf, refusalOf, tokenFor } from "../requests.ts";
import { call, request } from "../platform/support.ts";

const app = useApp();

const workspace = async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  return { tenant, token: await tokenFor(app(), tenant) };
};

const update = (token: string, body: object) => call(app(), "tenant/update", { token, body });
const refused = async (token: string, body: object) =>
  refusalOf(await request(app(), "tenant/update", { token, body }));

test("an admin reads and changes the workspace, a field at a time, and the audit log holds what changed", async () => {
  const { tenant, token } = await workspace();
  const { tenant: before } = await call(app(), "tenant/get", { token });
  expect(before).toMatchObject({
    id: tenant.id,
    slug: tenant.slug,
    name: tenant.name,
    timeZone: "UTC",
    allowedOrigins: [],
  });
  const changes = { name: "  Acme  ", timeZone: "Europe/Lisbon", allowedOrigins: ["https://a.test", "https://a.test"] };
  const after = { name: "Acme", timeZone: "Europe/Lisbon", allowedOrigins: ["https://a.test"] };
  expect((await update(token, changes)).tenant).toEqual({ ...before, ...after });
  expect((await call(app(), "tenant/get", { token })).tenant).toEqual({ ...before, ...after });
  expect(await auditOf(app(), tenant)).toMatchObject([
    {
      action: "tenant.update",
      before: { name: tenant.name, timeZone: "UTC", allowedOrigins: [] },
      after,
    },
  ]);
});

test("changing nothing changes nothing", async () => {
  const { tenant, token } = await workspace();
  await update(token, {});
  await update(token, { name: tenant.name, slug: tenant.slug });
  expect(await auditOf(app(), tenant)).toEqual([]);
});

test("a short name that is another's or reserved is a conflict, and nothing changes", async () => {
  const [{ tenant, token }, other] = [await workspace(), await app().tenant()];
  for (const slug of [other.slug, "www", "api"])
    expect(await refused(token, { name: "Changed", slug })).toEqual([409, "conflict"]);
  expect((await call(app(), "tenant/get", { token })).tenant.name).toBe(tenant.name);
  const free = `${tenant.slug}-x`;
  expect((await update(token, { slug: free })).tenant.slug).toBe(free);
});

test("of two workspaces that want one short name at once, one gets it", async () => {
  const pair = [await workspace(), await workspace()];
  const slug = `${pair[0]!.tenant.slug}-both`;
  const answers = await Promise.all(
    pair.map(({ token }) => request(app(), "tenant/update", { token, body: { slug } })),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
});

test("what is no name, short name, zone or origin is refused", async () => {
  const { token } = await workspace();
  const wrong = [
    { name: " " },
    { slug: "No Spaces" },
    { slug: "-x-" },
    { timeZone: "Mars/Olympus" },
    { timeZone: "+02:00" },
    { allowedOrigins: ["https://a.test/"] },
    { allowedOrigins: ["a.test"] },
    { allowedOrigins: ["javascript:alert(1)"] },
    { allowedOrigins: ["*"] },
    { allowedOrigins: ["https://*.a.test"] },
    { plan: "enterprise" },
    { status: "active" },
  ];
  for (const body of wrong) expect(await refused(token, body)).toEqual([400, "invalid_payload"]);
});

test("an agent neither reads nor changes it", async () => {
  const { tenant } = await workspace();
  const token = await tokenFor(app(), tenant, tenant.agents[1]);
  expect(await refused(token, { name: "Mine" })).toEqual([403, "permission_denied"]);
  expect(refusalOf(await request(app(), "tenant/get", { token }))).toEqual([403, "permission_denied"]);
});
