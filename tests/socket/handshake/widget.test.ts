import { createHmac, createSecretKey, hkdfSync } from "node:crypto";
import jwt from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { contractLevel } from "../../../server/contract/entities.ts";
import { widgetEvents } from "../../../server/contract/widget.ts";
import { useApp } from "../../support/app.ts";
import { testSettings } from "../../support/nodes.ts";
import { contactAt } from "../../support/people.ts";
import { openSession } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { anotherSocket, ask } from "../support/ask.ts";
import { breachOf } from "../support/exact.ts";
import { knock } from "../support/knock.ts";
import { begin, talk } from "../support/scene.ts";
import { snapshot } from "../support/tables.ts";

const app = useApp();

const enter = (tenant: TestTenant, auth: unknown, origin: string | undefined = tenant.inbox.origin) =>
  knock(app().url, { namespace: "/widget", auth, ...(origin !== undefined && { origin }) });

test("a session says what the contract promises of it, to a newcomer and to somebody who comes back", async () => {
  const tenant = await app().tenant();
  const before = new Date().toISOString();
  const first = await enter(tenant, { inboxKey: tenant.inbox.key });
  expect(breachOf(widgetEvents["session:ready"], first.ready)).toBeUndefined();
  expect(first.ready).toMatchObject({
    contractLevel,
    tenant: { id: tenant.id, name: tenant.name },
    actor: { kind: "contact" },
    unread: 0,
    cursors: [],
  });
  const { serverTime } = first.ready;
  expect(before <= serverTime && serverTime <= new Date().toISOString()).toBe(true);
  const { contact, conversationId } = await talk(app());
  const { id: resolved } = await begin(contact);
  await ask(contact, "conversation:resolve", { conversationId: resolved });
  const { ready } = await anotherSocket(contact);
  expect(breachOf(widgetEvents["session:ready"], ready)).toBeUndefined();
  // Only what is not resolved is followed from the start, and contacts get no internal numbers.
  expect(ready).toMatchObject({ unread: 1, cursors: [{ conversationId, publicSeq: 3 }], actor: contact.ready!.actor });
});

test("a visitor token brings the same visitor back, over either transport", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const { id: conversationId } = await begin(contact);
  for (const transport of ["websocket", "polling"] as const) {
    const { ready } = await knock(app().url, {
      namespace: "/widget",
      auth: { inboxKey: tenant.inbox.key, visitorToken: contact.visitorToken },
      origin: tenant.inbox.origin,
      transport,
    });
    expect(ready.actor).toEqual(contact.ready!.actor);
    expect(ready.cursors).toEqual([{ conversationId, publicSeq: 1 }]);
  }
});

describe("a visitor token is for the pages of one origin:", () => {
  const twoOrigins = async () => {
    const tenant = await app().tenant();
    const second = "https://second.example";
    await app().superuser.query("UPDATE inboxes SET allowed_origins = allowed_origins || $2::text WHERE id = $1", [
      tenant.inbox.id,
      second,
    ]);
    return { tenant, second };
  };

  test("shown from another that the inbox allows too it makes a stranger, who sees nothing", async () => {
    const { tenant, second } = await twoOrigins();
    const contact = await app().contact(tenant);
    await begin(contact);
    const thief = await app().contact(tenant, { origin: second, visitorToken: contact.visitorToken! });
    expect(thief.ready!.actor.id).not.toBe(contact.ready!.actor.id);
    expect(thief.ready!.cursors).toEqual([]);
  });

  test("one of the first release, which names none, brings its visitor back and is traded for one that does", async () => {
    const { tenant, second } = await twoOrigins();
    const contact = await app().contact(tenant);
    const { header, payload } = jwt.decode(contact.visitorToken!, { complete: true })!;
    const { sub, tid, inb, iss } = payload as jwt.JwtPayload;
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", testSettings.AUTH_SECRETS, "parley", "visitor", 32)));
    const about = { issuer: iss!, audience: "parley-visitor", expiresIn: "180d", keyid: header.kid! } as const;
    const old = jwt.sign({ sub, tid, inb }, key, { algorithm: "HS256", ...about });
    const back = await app().contact(tenant, { visitorToken: old });
    expect(back.ready!.actor.id).toBe(contact.ready!.actor.id);
    const thief = await app().contact(tenant, { origin: second, visitorToken: back.visitorToken! });
    expect(thief.ready!.actor.id).not.toBe(contact.ready!.actor.id);
  });

  test("several tabs at once trade theirs without losing anybody", async () => {
    const { tenant } = await twoOrigins();
    const { visitorToken, ready } = await app().contact(tenant);
    const tabs = await Promise.all(
      Array.from({ length: 5 }, () => app().contact(tenant, { visitorToken: visitorToken! })),
    );
    for (const tab of tabs) {
      const again = await app().contact(tenant, { visitorToken: tab.visitorToken! });
      expect(again.ready!.actor.id).toBe(ready!.actor.id);
    }
  });
});

test("a visitor token that does not check out makes a stranger, who sees nothing", async () => {
  const tenant = await app().tenant();
  const other = await app().tenant();
  const contact = await app().contact(tenant);
  await begin(contact);
  const visitorToken = contact.visitorToken!;
  const [header, payload, signature] = visitorToken.split(".") as [string, string, string];
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = (head: object, body: object, key: string) => {
    const text = `${encode(head)}.${encode(body)}`;
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
  };
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  const forged: Record<string, string> = {
    empty: "",
    nonsense: "nonsense",
    "without signature": `${encode({ alg: "none", typ: "JWT", kid })}.${payload}.`,
    "signed with nothing": signed({ alg: "HS256", kid }, claims, ""),
    "signed with the inbox's secret": signed({ alg: "HS256", kid }, claims, tenant.inbox.identitySecret),
    "another visitor's claims": `${header}.${encode({ ...claims, sub: tenant.id })}.${signature}`,
    "an agent's token": await openSession(app().superuser, tenant, tenant.agents[0]!),
    "NUL and a lone surrogate": "\u0000.\ud800.x",
  };
  const recognised: string[] = [];
  for (const [title, token] of Object.entries(forged)) {
    const { ready } = await enter(tenant, { inboxKey: tenant.inbox.key, visitorToken: token });
    if (ready?.actor.id === contact.ready!.actor.id || ready?.cursors.length !== 0) recognised.push(title);
  }
  expect(recognised).toEqual([]);
  const elsewhere = await enter(other, { inboxKey: other.inbox.key, visitorToken });
  expect(elsewhere.ready.actor.id).not.toBe(contact.ready!.actor.id);
  expect(elsewhere.ready.cursors).toEqual([]);
});

const keys: [string, unknown, string][] = [
  ["no auth at all", undefined, "invalid_payload"],
  ["auth that is null", null, "invalid_payload"],
  ["no inbox key", {}, "invalid_payload"],
  ["an empty key", { inboxKey: "" }, "invalid_payload"],
  ["a key that is a number", { inboxKey: 7 }, "invalid_payload"],
  ["a key that is an object", { inboxKey: { $ne: "" } }, "invalid_payload"],
  ["a key that is too long", { inboxKey: "x".repeat(101) }, "invalid_payload"],
  ["an unknown key", { inboxKey: "demo-nobody" }, "not_found"],
  ["a key with a quote", { inboxKey: "' OR true --" }, "not_found"],
  ["a visitor token that is a number", { inboxKey: "any", visitorToken: 7 }, "invalid_payload"],
  ["a visitor token that is too long", { inboxKey: "any", visitorToken: "x".repeat(4_001) }, "invalid_payload"],
  ["an identity token that is null", { inboxKey: "any", identityToken: null }, "invalid_payload"],
];

test.each(keys)("%s is refused", async (_title, auth, code) => {
  const tenant = await app().tenant();
  const before = await snapshot(app().superuser);
  expect((await enter(tenant, auth)).refusal).toMatchObject({ code, retryable: false, message: expect.any(String) });
  expect(await snapshot(app().superuser)).toEqual(before);
});

test.each(["\u0000", "key\u0000", "\ud800"])(
  "a key that no text can be, as %j, is refused as any other",
  async (key) => {
    const tenant = await app().tenant();
    const { refusal } = await enter(tenant, { inboxKey: key });
    expect(["invalid_payload", "not_found"]).toContain(refusal?.code);
  },
);

const origins: [string, (origin: string) => string | undefined][] = [
  ["no origin", () => undefined],
  ["the origin null", () => "null"],
  ["a foreign origin", () => "https://evil.test"],
  ["a subdomain", (origin) => origin.replace("https://", "https://sub.")],
  ["a longer domain", (origin) => `${origin}.evil.test`],
  ["a domain that ends alike", (origin) => origin.replace("https://", "https://evil")],
  ["another scheme", (origin) => origin.replace("https:", "http:")],
  ["another port", (origin) => `${origin}:8443`],
  ["a path", (origin) => `${origin}/`],
  ["a part of it", (origin) => origin.slice(0, -1)],
  ["several at once", (origin) => `${origin}, https://evil.test`],
  ["all", () => "*"],
];

test.each(origins)("%s is refused, by WebSocket and by polling", async (_title, make) => {
  const tenant = await app().tenant();
  const origin = make(tenant.inbox.origin);
  for (const transport of ["websocket", "polling"] as const) {
    const { refusal } = await knock(app().url, {
      namespace: "/widget",
      auth: { inboxKey: tenant.inbox.key },
      transport,
      ...(origin !== undefined && { origin }),
    });
    expect(refusal).toMatchObject({ code: "permission_denied", retryable: false });
  }
});

test("another tenant's allowed origin does not open this inbox", async () => {
  const [mine, theirs] = [await app().tenant(), await app().tenant()];
  const { refusal } = await enter(mine, { inboxKey: mine.inbox.key }, theirs.inbox.origin);
  expect(refusal?.code).toBe("permission_denied");
});

test("a suspended workspace takes no visitors", async () => {
  const tenant = await app().tenant();
  await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [tenant.id]);
  const { refusal } = await enter(tenant, { inboxKey: tenant.inbox.key });
  expect(refusal).toMatchObject({ code: "permission_denied", retryable: false });
});

test("nobody is let in where there is nothing", async () => {
  const tenant = await app().tenant();
  const auth = { inboxKey: tenant.inbox.key };
  for (const namespace of ["/", "/admin", "/widget/", "/agent2"]) {
    const answer = await knock(app().url, { namespace, auth, origin: tenant.inbox.origin }).catch(
      (error: unknown) => error,
    );
    expect(answer).toBeInstanceOf(Error);
  }
});

test("a token is a secret between the server and one browser: it names nothing but the visitor, the inbox and the tenant", async () => {
  const tenant = await app().tenant();
  const person = contactAt(app().url, tenant);
  await person.connect();
  person.close();
  const claims = jwt.decode(person.visitorToken!) as jwt.JwtPayload;
  expect(Object.keys(claims).toSorted()).toEqual(["aud", "exp", "iat", "inb", "iss", "sub", "tid"]);
  expect(claims).toMatchObject({ sub: person.recording.actor.id, tid: tenant.id, inb: tenant.inbox.id });
});
