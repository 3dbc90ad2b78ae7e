import { randomUUID } from "node:crypto";
import { routes } from "../../server/contract/admin.ts";
import type { RouteSpec } from "../../server/contract/define.ts";
import { platformPermissions, type Role } from "../../server/contract/permissions.ts";
import type { TestApp } from "../support/app.ts";
import type { TenantOptions, TestTenant } from "../support/tenant.ts";
import { staffOf } from "./platform/support.ts";
import { ask, tokenFor } from "./requests.ts";
import type { Raw } from "./requests.ts";

export type Route = [name: keyof typeof routes, spec: RouteSpec];
export const all = Object.entries<RouteSpec>(routes) as Route[];
export const those = (fits: (spec: RouteSpec) => unknown): Route[] => all.filter(([, spec]) => fits(spec));

/** Whether a route is for Parley's own staff. */
export const isForStaff = ({ permission }: RouteSpec): boolean =>
  permission !== null && platformPermissions.includes(permission);

export const worldRoles: Role[] = ["tenant_admin", "agent", "tenant_admin"];

/** A workspace in which everything that a path may name exists, made when it is first asked for. */
export type World = {
  tenant: TestTenant;
  /** An admin's access token, or one of Parley's staff for the routes that are theirs. */
  tokenOf: (spec: RouteSpec) => Promise<string>;
  /** The id under a parameter's name. */
  id: (name: string) => Promise<string>;
  /** The ids of all parameters of a path. */
  idsOf: (spec: RouteSpec) => Promise<Record<string, string>>;
  /** Makes all that can be asked for, so that nothing is made later. */
  settle: () => Promise<void>;
};

/** Names of the parameters in a path. */
export const parametersOf = ({ path }: RouteSpec): string[] => [...path.matchAll(/:(\w+)/gu)].map(([, name]) => name!);

export const createWorld = async (
  app: TestApp,
  { tenant: given, ...options }: TenantOptions & { tenant?: TestTenant } = {},
): Promise<World> => {
  const tenant = given ?? (await app.tenant({ roles: worldRoles, ...options }));
  const [admin, agent] = tenant.agents;
  const token = await tokenFor(app, tenant);
  let staff: Promise<string> | undefined;
  const staffToken = () => (staff ??= staffOf(app).then((each) => each.token));

  const make = async (method: string, path: string, body: unknown, as = token): Promise<any> => {
    const answer = await ask(app.url, method, path, { token: as, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const example = (name: keyof typeof routes, changes: object = {}) => ({
    ...(routes as Record<string, RouteSpec>)[name]!.example!.body,
    ...changes,
  });
  const own = async (table: string, column: string): Promise<string> => {
    const { rows } = await app.superuser.query(`SELECT ${column} AS id FROM ${table} WHERE tenant_id = $1 LIMIT 1`, [
      tenant.id,
    ]);
    return rows[0].id;
  };

  const makers: Record<string, () => Promise<string>> = {
    tenantId: () => Promise.resolve(tenant.id),
    agentId: () => Promise.resolve(agent!.id),
    ownerId: () => Promise.resolve(agent!.id),
    memberId: () => Promise.resolve(agent!.id),
    userId: () => Promise.resolve(admin!.id),
    departmentId: () => Promise.resolve(tenant.departmentId),
    fallbackDepartmentId: async () =>
      (await make("POST", "/departments", { name: `Fallback ${randomUUID()}` })).department.id,
    inboxId: () => Promise.resolve(tenant.inbox.id),
    conversationId: async () => {
      const contact = await app.contact(tenant);
      const { id } = await contact.start("hello");
      contact.close();
      return id;
    },
    sessionId: async () => {
      await tokenFor(app, tenant);
      const { rows } = await app.superuser.query(
        "SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at DESC LIMIT 1",
        [tenant.id, admin!.id],
      );
      return rows[0].id;
    },
    invitationId: async () =>
      (await make("POST", "/invitations", example("invitation/create", { email: `${randomUUID()}@example.test` })))
        .invitation.id,
    roleKey: async () =>
      (await make("POST", "/roles", example("role/create", { name: `Shift of ${tenant.slug}` }))).role.key,
    apiKeyId: async () => (await make("POST", "/api-keys", example("api-key/create"))).apiKey.id,
    domainId: async () => (await make("POST", "/domains", { host: `${tenant.slug}.example.com` })).domain.id,
    businessHoursId: async () =>
      (await make("POST", "/business-hours", example("business-hours/create"))).businessHours.id,
    secretId: async () => {
      const { inbox } = await make("POST", `/inboxes/${tenant.inbox.id}/identity-secrets`, {});
      return inbox.identitySecrets.at(-1).id;
    },
    impersonationId: async () => {
      const body = example("impersonation/create", { tenantId: tenant.id });
      return (await make("POST", "/platform/impersonations", body, await staffToken())).impersonation.id;
    },
    contactId: () => own("contacts", "id"),
  };
  const made = new Map<string, Promise<string>>();
  const id = (name: string): Promise<string> => {
    const maker = makers[name];
    if (!maker) throw new Error(`tests/rest/routes-world.ts has no ${name} yet`);
    const known = made.get(name) ?? maker();
    made.set(name, known);
    return known;
  };
  return {
    tenant,
    tokenOf: async (spec) => (isForStaff(spec) ? staffToken() : token),
    id,
    idsOf: async (spec) => {
      const ids: Record<string, string> = {};
      for (const name of parametersOf(spec)) ids[name] = await id(name);
      return ids;
    },
    settle: async () => {
      for (const name of Object.keys(makers)) await id(name);
    },
  };
};

const single = (name: string) => name.replace(/Ids$/u, "Id");

/** Whether a field of a body names something of the workspace's. A client's own ids and sequence numbers are none. */
export const isReference = (name: string): boolean => /Ids?$/u.test(name) && name !== "clientId";

/** A value with every id in it replaced by what `find` says for the field's name. */
export const withIds = async (value: unknown, find: (name: string) => Promise<string>, name = ""): Promise<unknown> => {
  if (typeof value === "string" && isReference(name)) return find(single(name));
  if (Array.isArray(value)) return Promise.all(value.map((each) => withIds(each, find, name)));
  if (typeof value !== "object" || value === null) return value;
  const fields = await Promise.all(
    Object.entries(value).map(async ([key, held]) => [key, await withIds(held, find, key)] as const),
  );
  return Object.fromEntries(fields);
};

export type Asking = {
  params?: Record<string, string>;
  query?: string;
  body?: unknown;
  token?: string | undefined;
  headers?: Record<string, string>;
};

/** One request to a route: its example unless told otherwise. */
export const callRoute = async (app: TestApp, world: World, [, spec]: Route, asking: Asking = {}): Promise<Raw> => {
  const ids = asking.params ?? (await world.idsOf(spec));
  const path = spec.path.replaceAll(/:(\w+)/gu, (_whole, name: string) => ids[name]!);
  const fromExample = spec.example?.query && `?${new URLSearchParams(spec.example.query).toString()}`;
  return ask(app.url, spec.method, `${path}${asking.query ?? fromExample ?? ""}`, {
    token: "token" in asking ? asking.token : spec.auth === "none" ? undefined : await world.tokenOf(spec),
    body: "body" in asking ? asking.body : spec.example?.body && (await withIds(spec.example.body, world.id)),
    ...(asking.headers && { headers: asking.headers }),
  });
};

/** Everything a tenant's tables hold, as one text that changes with it. */
export const snapshot = async ({ superuser }: TestApp, tenantIds: string[]): Promise<string> => {
  const { rows: tables } = await superuser.query<{ name: string; column: string }>(`
    SELECT table_name AS name, column_name AS column FROM information_schema.columns
    WHERE table_schema = 'public' AND (column_name = 'tenant_id' OR table_name = 'tenants' AND column_name = 'id')
    ORDER BY 1`);
  const parts = tables.map(
    ({ name, column }) =>
      `SELECT '${name}' AS name, to_jsonb(t)::text AS held FROM "${name}" t WHERE ${column} = ANY ($1)`,
  );
  const { rows } = await superuser.query(`${parts.join(" UNION ALL ")} ORDER BY 1, 2`, [tenantIds]);
  return rows.map(({ name, held }) => `${name} ${held}`).join("\n");
};
