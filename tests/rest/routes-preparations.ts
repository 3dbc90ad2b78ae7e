import { generate } from "otplib";
import type { TestApp } from "../support/app.ts";
import type { startNameServer } from "../support/name-server.ts";
import { password } from "../support/tenant.ts";
import { ask, cookieOf, logInRaw } from "./requests.ts";
import type { Asking, Route, World } from "./routes-world.ts";

type Names = Pick<Awaited<ReturnType<typeof startNameServer>>, "records">;
export type Preparations = Record<string, (world: World) => Promise<Asking>>;

/** What an example can't know: passwords, tokens that were mailed, codes, and the state something must be in. */
export const preparationsFor = (app: () => TestApp, names: Names): Preparations => {
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

  const setUpTotp = async (world: World): Promise<string> =>
    (await post(world, "/auth/totp/setup", { password })).secret;
  const confirmTotp = async (world: World): Promise<{ recoveryCodes: string[] }> => {
    const secret = await setUpTotp(world);
    return post(world, "/auth/totp/confirm", { code: await generate({ secret }) });
  };

  return {
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
};
