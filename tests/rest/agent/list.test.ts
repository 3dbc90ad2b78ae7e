import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { ask, refusalOf, tokenFor } from "../requests.ts";

const app = useApp();
const ids = (body: any) => body.data.map(({ id }: any) => id);

test("members are listed by name, page by page, each once, and none of another workspace", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent", "manager", "read_only"] });
  await app().tenant({ roles: ["agent", "agent"] });
  const token = await tokenFor(app(), tenant);
  const seen: any[] = [];
  let cursor: string | null = "";
  do {
    const { body } = await ask(app().url, "GET", `/agents?limit=2${cursor && `&cursor=${cursor}`}`, { token });
    seen.push(...body.data);
    cursor = body.nextCursor;
    // Somebody comes who stands before all that was seen: nobody is seen twice.
    const early = await addAgent(app().superuser, tenant);
    await app().superuser.query("UPDATE users SET name = ' ' || name WHERE id = $1", [early.id]);
  } while (cursor);
  expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(tenant.agents.map(({ id }) => id)));
  expect(seen).toHaveLength(5);
  const names: string[] = seen.map(({ name }) => name);
  expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
});

test("members are found by state, role, department and part of a name or address", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "manager"] });
  const [, manager] = tenant.agents;
  const outside = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  await app().superuser.query("UPDATE users SET name = 'Zoë 100%_sure' WHERE id = $1", [outside.id]);
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [outside.id]);
  const token = await tokenFor(app(), tenant);
  const find = async (query: string) => ids((await ask(app().url, "GET", `/agents?${query}`, { token })).body);
  expect(await find("status=deactivated")).toEqual([outside.id]);
  expect(await find("role=manager")).toEqual([manager!.id]);
  expect(await find(`departmentId=${tenant.departmentId}&role=agent`)).toEqual([]);
  for (const spelling of ["zOË", "zoe", "Zoe\u0308", "ｚｏｅ"])
    expect(await find(`search=${encodeURIComponent(spelling)}`)).toEqual([outside.id]);
  expect(await find(`search=${encodeURIComponent("0%_s")}`)).toEqual([outside.id]);
  expect(await find(`search=${encodeURIComponent("%")}&status=active`)).toEqual([]);
  expect(await find(`search=${encodeURIComponent(manager!.email.slice(2, 20).toUpperCase())}`)).toEqual([manager!.id]);
  expect(await find("role=nobody_has_it")).toEqual([]);
});

test("a member is shown as the list shows them, another workspace's is not found, and who may not look is refused", async () => {
  const [tenant, other] = [await app().tenant({ roles: ["tenant_admin"] }), await app().tenant()];
  const token = await tokenFor(app(), tenant);
  const { body } = await ask(app().url, "GET", `/agents/${tenant.agents[0]!.id}`, { token });
  expect((await ask(app().url, "GET", "/agents", { token })).body.data).toEqual([body.agent]);
  expect(refusalOf(await ask(app().url, "GET", `/agents/${other.agents[0]!.id}`, { token }))).toEqual([
    404,
    "not_found",
  ]);
  expect(refusalOf(await ask(app().url, "GET", "/agents?cursor=nonsense", { token }))).toEqual([
    400,
    "invalid_payload",
  ]);
});
