import * as v from "valibot";
import { afterAll, describe, expect, test, vi } from "vitest";
import { generate } from "otplib";
import { useApp } from "../support/app.ts";
import { startNameServer } from "../support/name-server.ts";
import { password } from "../support/tenant.ts";
import { ask, cookieOf, logInRaw } from "./requests.ts";
import { all, type Asking, callRoute, createWorld, type Route, snapshot, type World } from "./routes-world.ts";

const names = await startNameServer();
const app = useApp({ RATE_LIMIT_FACTOR: "1000", DNS_SERVERS: names.address });
// Some of these send hundreds of requests, on a machine that may do much else.
vi.setConfig({ testTimeout: 90_000 });
afterAll(names.close);

const post = async (world: World, path: string, body: unknown = {}): Promise<any> => {
  const token = await world.tokenOf({ permission: null } as Route[1]);
  return (await ask(app().url, "POST", path, { token, body })).body;
};

/** The token in the link of the newest mail to somebody. */
const mailedToken = async (email: string): Promise<string> => {
  const { rows } = await app().superuser.query(
    "SELECT text FROM mails WHERE recipient = $1 ORDER BY created_at DESC, id DESC LIMIT 1",
    [email],
  );
  return decodeURIComponent(/[?&]token=([^\s&]+)/u.exec(rows[0].text)![1]!);
};

/** As somebody who has signed up and not followed the link yet. */
const unconfirm = ({ tenant }: World) =>
  app().superuser.query("UPDATE users SET email_confirmed_at = NULL WHERE id = $1", [tenant.agents[0]!.id]);

const setUpTotp = async (world: World): Promise<string> => (await post(world, "/auth/totp/setup", { password })).secret;
const confirmTotp = async (world: World): Promise<{ recoveryCodes: string[] }> => {
  const secret = await setUpTotp(world);
  return post(world, "/auth/totp/confirm", { code: await generate({ secret }) });
};

/** What an example can't know: passwords, tokens that were mailed, codes, and the state something must be in. */
const preparations: Record<string, (world: World) => Promise<Asking>> = {
  "auth/register": async ({ tenant: { slug } }) => ({
    body: { email: `new@${slug}.test`, password, name: "New", workspace: { name: "New", slug: `new-${slug}` } },
  }),
  "auth/login": async ({ tenant }) => ({ body: { email: tenant.agents[0]!.email, password } }),
  "auth/refresh": async ({ tenant }) => {
    const signedIn = await logInRaw(app().url, tenant.agents[0]!.email);
    return { headers: { Cookie: cookieOf(signedIn)!.cookie } };
  },
  "auth/switch-tenant": async ({ tenant }) => ({ body: { tenant: tenant.slug } }),
  "auth/password/change": async () => ({ body: { currentPassword: password, password: "another long password" } }),
  "auth/password/reset": async ({ tenant }) => {
    const { email } = tenant.agents[0]!;
    await ask(app().url, "POST", "/auth/password/forgot", { body: { email } });
    return { body: { token: await mailedToken(email), password: "another long password" } };
  },
  "auth/email/confirm": async (world) => {
    await unconfirm(world);
    await post(world, "/auth/email/resend", undefined);
    return { body: { token: await mailedToken(world.tenant.agents[0]!.email) } };
  },
  "auth/email/resend": async (world) => {
    await unconfirm(world);
    return {};
  },
  "auth/totp/setup": async () => ({ body: { password } }),
  "auth/totp/confirm": async (world) => ({ body: { code: await generate({ secret: await setUpTotp(world) }) } }),
  "auth/totp/recovery-codes": async (world) => {
    const { recoveryCodes } = await confirmTotp(world);
    return { body: { password, code: recoveryCodes[0] } };
  },
  "auth/totp/disable": async (world) => {
    const { recoveryCodes } = await confirmTotp(world);
    return { body: { password, code: recoveryCodes[0] } };
  },
  "agent/reactivate": async (world) => {
    await post(world, `/agents/${await world.id("agentId")}/deactivate`);
    return {};
  },
  "invitation/preview": async (world) => {
    const { invitation } = await post(world, "/invitations", { email: `a@${world.tenant.slug}.test`, role: "agent" });
    return { body: { token: await mailedToken(invitation.email) } };
  },
  "invitation/accept": async (world) => {
    const { invitation } = await post(world, "/invitations", { email: `b@${world.tenant.slug}.test`, role: "agent" });
    return { body: { token: await mailedToken(invitation.email), name: "Nadia Okoye", password } };
  },
  "domain/verify": async (world) => {
    const token = await world.tokenOf({ permission: null } as Route[1]);
    const id = await world.id("domainId");
    const { body } = await ask(app().url, "GET", "/domains", { token });
    const { record } = body.data.find((each: { id: string }) => each.id === id);
    names.records.set(record.name, [[record.value]]);
    return {};
  },
  "conversation/transfer": async (world) => ({ body: { departmentId: await world.id("fallbackDepartmentId") } }),
  "department/delete": async (world) => ({ params: { departmentId: await world.id("fallbackDepartmentId") } }),
  "department/restore": async (world) => {
    const departmentId = await world.id("fallbackDepartmentId");
    await app().superuser.query("UPDATE departments SET archived_at = now() WHERE id = $1", [departmentId]);
    return { params: { departmentId } };
  },
  "department/add-member": async (world) => ({
    params: { departmentId: await world.id("fallbackDepartmentId"), agentId: await world.id("agentId") },
  }),
  "inbox/restore": async (world) => {
    await app().superuser.query("DELETE FROM inbox_keys WHERE inbox_id = $1", [world.tenant.inbox.id]);
    return {};
  },
  "platform-tenant/set-plan": async () => ({ body: { plan: "pro", status: "active", reason: "They asked for it." } }),
  "inbox/delete": async (world) => {
    const { inbox } = await post(world, "/inboxes", { name: "Another" });
    return { params: { inboxId: inbox.id } };
  },
  "conversation/reopen": async (world) => {
    await post(world, `/conversations/${await world.id("conversationId")}/resolve`);
    return {};
  },
  "platform-tenant/create": async ({ tenant: { slug } }) => ({
    body: { name: "Initech", slug: `i-${slug}`, plan: "pro", owner: { email: `olive@${slug}.test`, name: "Olive" } },
  }),
  "platform-tenant/resume": async (world) => {
    const token = await world.tokenOf({ permission: "platform.manage" } as Route[1]);
    await ask(app().url, "POST", `/platform/tenants/${world.tenant.id}/suspend`, {
      token,
      body: { reason: "A test." },
    });
    return {};
  },
};

const audited = async (world: World): Promise<number> =>
  (await app().superuser.query("SELECT FROM audit_events WHERE tenant_id = $1", [world.tenant.id])).rowCount!;

// Refreshing renews a session and asking for a link changes nothing that is anybody's business but the mailbox's.
const unaudited = new Set([
  "auth/refresh",
  "auth/password/forgot",
  "auth/email/resend",
  "invitation/preview",
  "routing/replay",
  "message/send",
]);
// These are told in the log of the workspace they make, or of Parley's own.
const elsewhere = new Set(["auth/register", "platform-tenant/create", "auth/totp/setup"]);

describe.each(all)("%s", (...route) => {
  const [name, spec] = route;

  test("does what its example asks, and answers as described", async () => {
    const world = await createWorld(app());
    const asking = (await preparations[name]?.(world)) ?? {};
    await world.idsOf(spec);
    if (spec.auth !== "none") await world.tokenOf(spec);
    const [events, before] = [await audited(world), await snapshot(app(), [world.tenant.id])];
    const answer = await callRoute(app(), world, route, asking);
    expect([answer.status, answer.status === spec.status ? undefined : answer.body]).toEqual([spec.status, undefined]);
    const told = unaudited.has(name) || elsewhere.has(name);
    const isReading = spec.method === "GET" && !spec.streams;
    const changed = (await snapshot(app(), [world.tenant.id])) !== before;
    expect({ reads: isReading, changed: isReading && changed }).toEqual({ reads: isReading, changed: false });
    expect({ name, audited: told || isReading || (await audited(world)) > events }).toEqual({ name, audited: true });
  });
});

const strings = (value: unknown, way: string[] = []): string[][] => {
  if (typeof value === "string") return [way];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, held]) => strings(held, [...way, key]));
};
const put = (value: any, [step, ...rest]: string[], text: string): unknown =>
  step === undefined ? text : { ...value, [step]: put(value[step], rest, text) };

const nasty = [
  "'; DROP TABLE tenants; --",
  "<script>alert(1)</script>",
  "\u{1F600}\u{1F468}\u200D\u{1F469}",
  "%s ${7*7} {{7*7}}",
  "\u202Egnp.exe",
  "a".repeat(60),
];

describe.each(all.filter(([, { example }]) => strings(example?.body ?? {}).length > 0))("%s", (...route) => {
  test("takes or refuses whatever people write, and never fails over it", async () => {
    const world = await createWorld(app());
    const asking = (await preparations[route[0]]?.(world)) ?? {};
    const body = asking.body ?? route[1].example!.body!;
    for (const way of strings(body))
      for (const text of nasty) {
        const written = put(body, way, text);
        // What the contract refuses gets no further; others see to that.
        if (!v.safeParse(route[1].body!, written).success) continue;
        const answer = await callRoute(app(), world, route, { ...asking, body: written });
        expect([way.join("."), text, answer.status < 500]).toEqual([way.join("."), text, true]);
      }
  });
});
