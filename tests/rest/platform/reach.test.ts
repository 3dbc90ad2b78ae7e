import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { agentCommands } from "../../../server/contract/agent.ts";
import type { CommandSpec } from "../../../server/contract/define.ts";
import { minimal } from "../../socket/support/samples.ts";
import { useApp } from "../../support/app.ts";
import type { Person } from "../../support/people.ts";
import { CommandFailed } from "../../support/virtual-client.ts";
import { refusalOf } from "../requests.ts";
import {
  callRoute,
  createWorld,
  isForStaff,
  type Route,
  snapshot,
  those,
  type World,
  withIds,
} from "../routes-world.ts";
import { actAs } from "./support.ts";

const app = useApp({ RATE_LIMIT_FACTOR: "1000" });
vi.setConfig({ testTimeout: 90_000 });
let world: World;
let token: string;
let viewer: Person;

beforeAll(async () => {
  world = await createWorld(app());
  await world.settle();
  token = (await actAs(app(), world.tenant, { write: true })).accessToken;
  viewer = await app().agent(world.tenant, { token: () => token });
});

/** All that decides who gets in and what they may do there. */
const access = async (): Promise<unknown> => {
  const { rows } = await app().superuser.query(
    `SELECT to_jsonb(t) AS held FROM (
       SELECT 'tenant' AS what, slug AS a, to_jsonb(allowed_origins) AS b FROM tenants WHERE id = $1
       UNION ALL SELECT 'member', user_id::text, jsonb_build_array(role, status) FROM memberships WHERE tenant_id = $1
       UNION ALL SELECT 'login', u.id::text, to_jsonb(u) FROM users u JOIN memberships m ON m.user_id = u.id AND m.tenant_id = $1
       UNION ALL SELECT 'role', key, to_jsonb(r) FROM roles r WHERE tenant_id = $1
       UNION ALL SELECT 'session', id::text, jsonb_build_array(revoked_at, expires_at) FROM sessions WHERE tenant_id = $1
       UNION ALL SELECT 'key', id::text, to_jsonb(k) FROM api_keys k WHERE tenant_id = $1
       UNION ALL SELECT 'invitation', id::text, to_jsonb(i) FROM invitations i WHERE tenant_id = $1
       UNION ALL SELECT 'inbox', id::text, jsonb_build_array(allowed_origins, identity_secrets) FROM inboxes WHERE tenant_id = $1
       UNION ALL SELECT 'inbox key', key, to_jsonb(k) FROM inbox_keys k WHERE tenant_id = $1
       UNION ALL SELECT 'domain', id::text, to_jsonb(d) FROM tenant_domains d WHERE tenant_id = $1
       UNION ALL SELECT 'belongs', user_id::text, to_jsonb(d) FROM department_members d WHERE tenant_id = $1
     ) t ORDER BY 1`,
    [world.tenant.id],
  );
  return rows;
};

const denied = [403, "permission_denied"];
const ofMembers = those((spec) => spec.auth !== "none" && !isForStaff(spec));
const isShut = ([, { grantsAccess, auth }]: Route) => grantsAccess === true || auth === "person";
/** The fields of a body that are kept from whoever acts as a member, with a value that would be accepted. */
const kept: Record<string, unknown> = {
  role: "tenant_admin",
  departmentIds: [],
  memberIds: [],
  slug: "somewhere-else",
  allowedOrigins: ["https://elsewhere.example"],
};
const keptOf = ([, { grantsAccess }]: Route) => (Array.isArray(grantsAccess) ? (grantsAccess as string[]) : []);
const ask = (route: Route, more: { body?: unknown } = {}) => callRoute(app(), world, route, { token, ...more });

describe("who acts as a member with leave to write", () => {
  test.each(ofMembers.filter(isShut))("is refused %s, and changes nothing by it", async (...route) => {
    const before = await snapshot(app(), [world.tenant.id]);
    expect(refusalOf(await ask(route))).toEqual(denied);
    expect(await snapshot(app(), [world.tenant.id])).toBe(before);
  });

  const fields = ofMembers.flatMap((route) => keptOf(route).map((field) => [route[0], field, route[1]] as const));
  test.each(fields)("is refused %s with %s, and changes nothing by it", async (name, field, spec) => {
    const before = await snapshot(app(), [world.tenant.id]);
    expect(Object.keys(kept)).toContain(field);
    const body = { ...spec.example?.body, [field]: kept[field] };
    expect(refusalOf(await ask([name, spec], { body }))).toEqual(denied);
    expect(await snapshot(app(), [world.tenant.id])).toBe(before);
  });

  test("changes nothing of who gets in by any route that is left to them, and is shown no secret", async () => {
    const before = await access();
    const { rows } = await app().superuser.query<{ secret: string }>(
      `SELECT unnest(identity_secrets) AS secret FROM inboxes WHERE tenant_id = $1
       UNION SELECT secret_hash FROM api_keys WHERE tenant_id = $1
       UNION SELECT token_hash FROM invitations WHERE tenant_id = $1
       UNION SELECT refresh_hash FROM sessions WHERE tenant_id = $1 AND refresh_hash <> '-'
       UNION SELECT u.password_hash FROM users u JOIN memberships m ON m.user_id = u.id WHERE m.tenant_id = $1`,
      [world.tenant.id],
    );
    const secrets = rows.map(({ secret }) => secret).filter(Boolean);
    expect(secrets.length).toBeGreaterThan(3);
    const left = ofMembers.filter((route) => !isShut(route) && route[0] !== "auth/logout");
    const done: string[] = [];
    // What takes something away comes last, so that there is something to change before.
    for (const route of left.toSorted(
      ([, one], [, other]) => Number(one.method === "DELETE") - Number(other.method === "DELETE"),
    )) {
      const [name, { example, method }] = route;
      const own = (await withIds(example?.body, world.id)) as Record<string, unknown> | undefined;
      const body = own && Object.fromEntries(Object.entries(own).filter(([field]) => !keptOf(route).includes(field)));
      const { status, body: answer } = await ask(route, { body });
      if (status < 300 && method !== "GET") done.push(name);
      for (const secret of secrets)
        expect([name, JSON.stringify(answer ?? "").includes(secret)]).toEqual([name, false]);
      expect([name, await access()]).toEqual([name, before]);
    }
    expect(done).toEqual(
      expect.arrayContaining(["tenant/update", "inbox/update", "message/send", "department/create"]),
    );
  });

  test("changes nothing of who gets in by any command", async () => {
    const before = await access();
    const values: Record<string, unknown> = { clientId: randomUUID(), accessToken: token };
    for (const name of ["conversationId", "agentId", "departmentId"]) values[name] = await world.id(name);
    for (const [name, spec] of Object.entries<CommandSpec>(agentCommands)) {
      const answer = await viewer.command(name, minimal(spec.payload, values), 10_000).catch((error: unknown) => error);
      const refusal = answer instanceof CommandFailed ? answer.error.code : "none";
      expect([name, spec.grantsAccess === undefined || refusal === "permission_denied"]).toEqual([name, true]);
      expect([name, await access()]).toEqual([name, before]);
    }
  });
});
