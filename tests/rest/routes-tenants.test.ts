import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { builtInRoles, type Role, tenantPermissions } from "../../server/contract/permissions.ts";
import { type Feature, planOf } from "../../server/contract/plans.ts";
import { useApp } from "../support/app.ts";
import { operationAt } from "../support/openapi.ts";
import type { TestAgent } from "../support/tenant.ts";
import { addAgent } from "../support/tenant.ts";
import { actAs } from "./platform/support.ts";
import { ask, refusalOf, tokenFor } from "./requests.ts";
import type { Raw } from "./requests.ts";
import {
  all,
  callRoute,
  createWorld,
  isForStaff,
  isReference,
  parametersOf,
  snapshot,
  those,
  withIds,
} from "./routes-world.ts";
import type { Route, World } from "./routes-world.ts";

const app = useApp({ RATE_LIMIT_FACTOR: "1000" });
// Some of these send hundreds of requests, on a machine that may do much else.
vi.setConfig({ testTimeout: 90_000 });
let own: World;
let foreign: World;
const members = new Map<Role, TestAgent>();

beforeAll(async () => {
  [own, foreign] = [await createWorld(app()), await createWorld(app())];
  for (const role of ["agent", "read_only", "manager"] as const)
    members.set(role, await addAgent(app().superuser, own.tenant, role));
  for (const world of [own, foreign]) await world.settle();
});

const look = () => snapshot(app(), [own.tenant.id, foreign.tenant.id]);

/** Runs what must be refused, and sees that it changed nothing on either side. */
const changingNothing = async (work: () => Promise<void>): Promise<void> => {
  const before = await look();
  await work();
  expect(await look()).toBe(before);
};

/** An id of the same form that is nobody's. */
const nobodys = (name: string): string => {
  if (name === "roleKey") return "nobodys_role";
  return name === "secretId" ? "0123456789ab" : randomUUID();
};

/** How a refusal is told; it may name the id that was asked for. */
const told = ({ status, body }: Raw, about: string): string =>
  `${status} ${JSON.stringify(body).replaceAll(about, "it")}`;

// What Parley's own staff names belongs to others by its nature.
const forMembers = ([, spec]: Route) => !isForStaff(spec);
const withParameters = all
  .filter(forMembers)
  .flatMap(([name, spec]) => parametersOf(spec).map((place) => [name, place, spec] as const));

describe("in a path, another workspace's id", () => {
  test.each(withParameters)("to %s as %s is answered as one that is nobody's", async (name, place, spec) => {
    await changingNothing(async () => {
      const [ids, unknown] = [await own.idsOf(spec), nobodys(place)];
      const send = (id: string) => callRoute(app(), own, [name, spec], { params: { ...ids, [place]: id } });
      const [theirs, none] = [await send(await foreign.id(place)), await send(unknown)];
      expect(refusalOf(theirs)).toEqual([404, "not_found"]);
      expect(told(theirs, await foreign.id(place))).toBe(told(none, unknown));
    });
  });
});

/** Every field of a body that names something, with the way there. */
const references = (schema: any, way: string[] = []): string[][] => {
  if (schema?.anyOf ?? schema?.oneOf)
    return (schema.anyOf ?? schema.oneOf).flatMap((each: any) => references(each, way));
  if (schema?.type === "array") return references(schema.items, [...way, "[]"]);
  if (schema?.type === "string" && schema.format === "uuid" && isReference(way.findLast((step) => step !== "[]") ?? ""))
    return [way];
  return Object.entries(schema?.properties ?? {}).flatMap(([key, each]) => references(each, [...way, key]));
};

const put = (value: any, [step, ...rest]: string[], id: string): unknown => {
  if (step === undefined) return id;
  if (step === "[]") return [put(undefined, rest, id)];
  return { ...value, [step]: put(value?.[step], rest, id) };
};

const bodyFields = those((spec) => spec.body && !isForStaff(spec)).flatMap(([name, spec]) => {
  const schema = operationAt(spec.method, spec.path)!["requestBody"].content["application/json"].schema;
  return references(schema).map((way) => [name, way.join("."), spec] as const);
});

describe("in a body, another workspace's id", () => {
  test.each(bodyFields)("to %s as %s is answered as one that is nobody's", async (name, way, spec) => {
    await changingNothing(async () => {
      const steps = way.split(".");
      const field = steps.findLast((step) => step !== "[]")!.replace(/Ids$/u, "Id");
      // Two ids may exclude each other, and are then refused for that.
      const example = Object.fromEntries(
        Object.entries(spec.example?.body ?? {}).filter(([key]) => !isReference(key) || key === steps[0]),
      );
      const filled = (await withIds(example, own.id)) as object;
      const send = (id: string) => callRoute(app(), own, [name, spec], { body: put(filled, steps, id) });
      const unknown = randomUUID();
      const [theirs, none] = [await send(await foreign.id(field)), await send(unknown)];
      expect(refusalOf(theirs)).toEqual([404, "not_found"]);
      expect(told(theirs, await foreign.id(field))).toBe(told(none, unknown));
    });
  });
});

const tooSmall = all.flatMap(([name, spec]) =>
  (["read_only", "agent", "manager"] as const)
    .filter((role) => spec.permission && !builtInRoles[role].includes(spec.permission))
    .map((role) => [name, role, spec] as const),
);

test.each(tooSmall)("%s is denied to a %s and changes nothing", async (name, role, spec) => {
  const token = await tokenFor(app(), own.tenant, members.get(role));
  await changingNothing(async () => {
    expect(refusalOf(await callRoute(app(), own, [name, spec], { token }))).toEqual([403, "permission_denied"]);
  });
});

test.each(those(isForStaff))("%s is denied to every role of a customer's workspace", async (name, spec) => {
  const token = await tokenFor(app(), own.tenant);
  await changingNothing(async () => {
    expect(refusalOf(await callRoute(app(), own, [name, spec], { token }))).toEqual([403, "permission_denied"]);
  });
});

test.each(those(({ entitlement }) => entitlement))(
  "%s is refused by a plan without it, and changes nothing",
  async (name, spec) => {
    const feature = spec.entitlement as Feature;
    expect(planOf("basic").features[feature]).toBe(false);
    const small = await createWorld(app());
    await small.idsOf(spec);
    await app().superuser.query("UPDATE tenants SET plan = 'basic' WHERE id = $1", [small.tenant.id]);
    const token = await small.tokenOf(spec);
    const before = await snapshot(app(), [small.tenant.id]);
    const answer = await callRoute(app(), small, [name, spec], { token });
    expect(refusalOf(answer)).toEqual([403, "limit_exceeded"]);
    expect(answer.body.error.details).toEqual({ feature, plan: "basic" });
    expect(await snapshot(app(), [small.tenant.id])).toBe(before);
  },
);

describe("what a person must do themselves", () => {
  let key: string;
  beforeAll(async () => {
    const answer = await ask(app().url, "POST", "/api-keys", {
      token: await tokenFor(app(), own.tenant),
      body: { name: "All", permissions: [...tenantPermissions] },
    });
    key = answer.body.key;
    // Its first use is noted.
    await ask(app().url, "GET", "/me", { token: key });
  });

  test.each(those(({ auth }) => auth === "person").filter(forMembers))(
    "%s is denied to an API key",
    async (name, spec) => {
      await changingNothing(async () => {
        expect(refusalOf(await callRoute(app(), own, [name, spec], { token: key }))).toEqual([
          403,
          "permission_denied",
        ]);
      });
    },
  );
});

describe("one of Parley's staff who only looks", () => {
  let [toLook, toWrite] = ["", ""];
  beforeAll(async () => {
    toLook = (await actAs(app(), own.tenant)).accessToken;
    toWrite = (await actAs(app(), own.tenant, { write: true })).accessToken;
  });
  const changes = those(({ method, auth, path }) => method !== "GET" && auth !== "none" && path !== "/auth/logout");

  test.each(changes)("changes nothing by %s", async (name, spec) => {
    await changingNothing(async () => {
      expect(refusalOf(await callRoute(app(), own, [name, spec], { token: toLook }))).toEqual([
        403,
        "permission_denied",
      ]);
    });
  });

  test.each(those(({ auth }) => auth === "person").filter(forMembers))(
    "is kept from %s even when they may write",
    async (name, spec) => {
      await changingNothing(async () => {
        expect(refusalOf(await callRoute(app(), own, [name, spec], { token: toWrite }))).toEqual([
          403,
          "permission_denied",
        ]);
      });
    },
  );
});
