import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { Name, Title } from "../../../server/contract/rest.ts";
import { composeMail, nameInMail } from "../../../server/features/mail/compose.ts";
import { invitationMail } from "../../../server/features/mail/texts/invitation.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, refusalOf, settled, tokenFor } from "../requests.ts";
import { mailsOf } from "./support.ts";

const app = useApp();
const newPerson = () => `${randomUUID()}@stranger.test`;
const unconfirm = ({ agents }: TestTenant) =>
  app().superuser.query("UPDATE users SET email_confirmed_at = NULL WHERE id = $1", [agents[0]!.id]);

test("whoever has not confirmed their own address invites nobody, is told how to, and does once they have", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const invite = () => ask(app().url, "POST", "/invitations", { token, body: { email: newPerson(), role: "agent" } });
  const { body } = await invite();
  await unconfirm(tenant);
  const refused = await invite();
  expect(refusalOf(refused)).toEqual([403, "permission_denied"]);
  expect(refused.body.error.message).toContain("/auth/email/resend");
  const again = await ask(app().url, "POST", `/invitations/${body.invitation.id}/resend`, { token, body: {} });
  expect(refusalOf(again)).toEqual([403, "permission_denied"]);
  expect(await mailsOf(app(), tenant)).toHaveLength(1);
  await app().superuser.query("UPDATE users SET email_confirmed_at = now() WHERE id = $1", [tenant.agents[0]!.id]);
  expect((await invite()).status).toBe(201);
});

describe("with the limits of production", () => {
  const limited = useApp({ RATE_LIMIT_FACTOR: "1", TRUSTED_PROXIES: "1" });

  test("a workspace mails so many invitations a day, sent again or anew; large plans more; another is not held up", async () => {
    await settled(limited());
    const block = () => `2001:db8:f${randomUUID().slice(0, 3)}:1::1`;
    const world = async (plan: "pro" | "enterprise") => {
      const tenant = await limited().tenant({ roles: ["tenant_admin"], plan });
      const token = await tokenFor(limited(), tenant);
      const headers = { "X-Forwarded-For": block() };
      const call = (method: "POST" | "DELETE", path: string, body?: object) =>
        ask(limited().url, method, path, { token, headers, ...(body && { body }) });
      const invite = () => call("POST", "/invitations", { email: newPerson(), role: "agent" });
      const spend = (points: number) =>
        limited().app.node.sharedLimits.take({ of: "invitationsOfTenant", key: [tenant.id], points });
      return { tenant, call, invite, spend };
    };
    const [pro, large] = [await world("pro"), await world("enterprise")];
    await pro.spend(290);
    const { id } = (await pro.invite()).body.invitation;
    // What is refused for another reason counts for nothing.
    expect((await pro.call("POST", "/invitations", { email: newPerson(), role: "none" })).status).toBe(404);
    expect((await pro.call("POST", `/invitations/${id}/resend`, {})).status).toBe(200);
    await pro.call("DELETE", `/invitations/${id}`);
    const refused = await pro.invite();
    expect(refusalOf(refused)).toEqual([429, "rate_limited"]);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(await mailsOf(limited(), pro.tenant)).toHaveLength(2);
    await large.spend(290);
    for (let i = 0; i < 10; i += 1) expect((await large.invite()).status).toBe(201);
    expect((await large.invite()).status).toBe(429);
  });

  test("many workspaces together don't fill one person's mailbox", async () => {
    await settled(limited());
    const email = newPerson();
    await limited().app.node.sharedLimits.take({ of: "invitationsOfRecipient", key: [email], points: 10 });
    const tenant = await limited().tenant({ roles: ["tenant_admin"] });
    const answer = await ask(limited().url, "POST", "/invitations", {
      token: await tokenFor(limited(), tenant),
      body: { email, role: "agent" },
      headers: { "X-Forwarded-For": "2001:db8:e:1::1" },
    });
    expect(refusalOf(answer)).toEqual([429, "rate_limited"]);
  });
});

describe("a name", () => {
  test.each([
    "Olive",
    "Dr. Wu",
    "Müller & Söhne GmbH",
    "J. R. R. Tolkien",
    "O’Neill",
    "عيادة النور",
    "株式会社 朝日",
    "24/7 Help",
  ])("%s is one", (name) => {
    expect(v.is(Name, name)).toBe(true);
  });

  test.each([
    "Win at https://evil.example/x",
    "evil.example",
    "Visit EVIL.COM now",
    "www.evil.example",
    "ftp://evil",
    "mail me@evil.example",
    "evil。example",
    "two\nlines",
    "two\r\nBcc: a@b.c",
    "a\u2028b",
    "tab\there",
    "\u202egnol",
    "a\u2066b\u2069",
    "bell\u0007",
  ])("%j is none", (name) => {
    expect(v.is(Name, name)).toBe(false);
  });

  test("of an inbox may be the site's, but has no line breaks either", () => {
    expect(v.is(Title, "shop.example")).toBe(true);
    expect(v.is(Title, "two\nlines")).toBe(false);
  });

  test("that is older makes no link, no line and no header in a mail, and does not turn it around", () => {
    const old = "Prize at https://evil.example/x\r\nBcc: a@evil.example\u202e";
    const { subject, text, html } = invitationMail({
      to: "nadia@example.test",
      inviter: old,
      workspace: old,
      roleName: old,
      url: "https://chat.example.test/#/invitation?token=t",
      days: 7,
    });
    expect(subject).not.toMatch(/[\r\n\u202e]/u);
    expect(text).not.toContain("\u202e");
    expect(text.match(/https?:\/\/\S+/gu)).toEqual(["https://chat.example.test/#/invitation?token=t"]);
    for (const written of [subject, text, html]) expect(written).not.toMatch(/evil\.example|a@evil/u);
    expect(nameInMail("Olive")).toBe("Olive");
    expect(composeMail({ paragraphs: ["a\u202eb"] }).text).toBe("ab\n");
  });
});

test("names with addresses in them are refused wherever they come in, and change nothing", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const name = "Win at evil.example";
  const tries = [
    ["PATCH", "/tenant", { name }],
    ["PATCH", "/me", { name }],
    ["POST", "/roles", { name, permissions: ["conversation.read"] }],
    ["POST", "/departments", { name }],
    [
      "POST",
      "/auth/register",
      {
        email: newPerson(),
        password: "a long enough password",
        name,
        workspace: { name: "Fine", slug: `s-${randomUUID().slice(0, 8)}` },
      },
    ],
    [
      "POST",
      "/auth/register",
      {
        email: newPerson(),
        password: "a long enough password",
        name: "Fine",
        workspace: { name, slug: `s-${randomUUID().slice(0, 8)}` },
      },
    ],
  ] as const;
  for (const [method, path, body] of tries) {
    const answer = await ask(app().url, method, path, { token, body });
    expect([path, refusalOf(answer)]).toEqual([path, [400, "invalid_payload"]]);
    expect(answer.body.error.message).toContain("must not hold an address");
  }
});
