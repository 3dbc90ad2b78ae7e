import { createHmac } from "node:crypto";
import jwt from "jsonwebtoken";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { identityToken } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, codeOf, look, say } from "../support/ask.ts";
import { hear } from "../support/hear.ts";
import { knock } from "../support/knock.ts";
import { begin } from "../support/scene.ts";

const app = useApp();

const contactsOf = async (tenant: TestTenant) =>
  (
    await app().superuser.query(
      'SELECT id, external_id AS "externalId", name, email, verified FROM contacts WHERE tenant_id = $1',
      [tenant.id],
    )
  ).rows;

const present = (tenant: TestTenant, token: unknown) =>
  knock(app().url, {
    namespace: "/widget",
    auth: { inboxKey: tenant.inbox.key, identityToken: token },
    origin: tenant.inbox.origin,
  });

test("an identity token makes a verified contact, the same one in every browser", async () => {
  const tenant = await app().tenant();
  const claims = { name: "Ann Ottoman", email: "ann@shop.test" };
  const laptop = await app().contact(tenant, { identityToken: identityToken(tenant, "user-1", claims) });
  const phone = await app().contact(tenant, { identityToken: identityToken(tenant, "user-1") });
  expect(laptop.ready!.actor).toEqual({ kind: "contact", id: expect.any(String), name: "Ann Ottoman" });
  expect(laptop.ready!.email).toBe(claims.email);
  // A token without a name or an address takes none away.
  expect(phone.ready!.email).toBe(claims.email);
  expect(phone.ready!.actor).toEqual(laptop.ready!.actor);
  expect(await contactsOf(tenant)).toEqual([
    { id: laptop.ready!.actor.id, externalId: "user-1", ...claims, verified: true },
  ]);
  const { id: conversationId } = await begin(laptop);
  expect((await look(phone, conversationId)).conversation.contact).toEqual({
    id: laptop.ready!.actor.id,
    name: "Ann Ottoman",
    verified: true,
  });
  expect((await look(phone, conversationId)).entries[0]!.author.name).toBe("Ann Ottoman");
  const ear = await hear(laptop);
  await ask(phone, "conversation:open", { conversationId });
  const entry = await say(phone, conversationId, "from my phone");
  expect((await ear.calm()).entries(conversationId)).toEqual([entry]);
});

test("another user of the customer is another contact, and so is the same user of another customer", async () => {
  const [tenant, other] = [await app().tenant(), await app().tenant()];
  const people = [
    await app().contact(tenant, { identityToken: identityToken(tenant, "user-1") }),
    await app().contact(tenant, { identityToken: identityToken(tenant, "user-2") }),
    await app().contact(other, { identityToken: identityToken(other, "user-1") }),
  ];
  expect(new Set(people.map(({ ready }) => ready!.actor.id)).size).toBe(3);
  const { id: conversationId } = await begin(people[0]!);
  for (const person of people.slice(1))
    expect(await codeOf(ask(person, "conversation:open", { conversationId }))).toBe("not_found");
});

test("what was written before signing in is not shown to whoever signs in, and what they write not to the next visitor", async () => {
  const tenant = await app().tenant();
  const anonymous = await app().contact(tenant);
  const { id: before } = await begin(anonymous, "before signing in");
  const visitorToken = anonymous.visitorToken!;
  const identified = await app().contact(tenant, { visitorToken, identityToken: identityToken(tenant, "user-1") });
  expect(identified.ready!.actor.id).not.toBe(anonymous.ready!.actor.id);
  expect(identified.ready!.cursors).toEqual([]);
  expect((await ask(identified, "conversation:list", {})).conversations).toEqual([]);
  expect(await codeOf(ask(identified, "conversation:open", { conversationId: before }))).toBe("not_found");
  const { id: after } = await begin(identified, "after signing in");
  // Signed out again, in the same browser, with the token the signed-in session got.
  const again = await app().contact(tenant, { visitorToken: identified.visitorToken! });
  expect(again.ready!.actor.id).toBe(anonymous.ready!.actor.id);
  expect((await ask(again, "conversation:list", {})).conversations.map(({ id }) => id)).toEqual([before]);
  expect(await codeOf(ask(again, "conversation:open", { conversationId: after }))).toBe("not_found");
  const ear = await hear(again);
  await say(identified, after, "a secret");
  expect((await ear.calm()).news).toEqual([]);
});

test("either of an inbox's secrets signs, so that they can be changed without a gap", async () => {
  const tenant = await app().tenant();
  const next = "the next secret, which is long enough for anybody";
  await app().superuser.query("UPDATE inboxes SET identity_secrets = identity_secrets || $2::text WHERE id = $1", [
    tenant.inbox.id,
    next,
  ]);
  const tokens = [identityToken(tenant, "user-1"), jwt.sign({ sub: "user-1" }, next, { expiresIn: "5m" })];
  const [one, other] = await Promise.all(tokens.map((token) => present(tenant, token)));
  expect(one!.ready.actor).toEqual(other!.ready.actor);
});

test("a token needs nothing but a subject and an end", async () => {
  const tenant = await app().tenant();
  const token = jwt.sign({ sub: "user-1", exp: Math.floor(Date.now() / 1_000) + 300 }, tenant.inbox.identitySecret, {
    noTimestamp: true,
  });
  expect((await present(tenant, token)).ready?.actor).toMatchObject({ kind: "contact" });
});

test("a backend that counts its users signs the number, and it is the same user as the number's digits", async () => {
  const tenant = await app().tenant();
  const exp = inSeconds(300);
  const counted = await present(tenant, rawToken(tenant, { sub: 42, exp }));
  const written = await present(tenant, rawToken(tenant, { sub: "42", exp }));
  expect(counted.ready?.actor).toEqual(written.ready?.actor);
  expect(await contactsOf(tenant)).toMatchObject([{ externalId: "42" }]);
});

test("a long name is cut between characters, and an address that is none is left out", async () => {
  const tenant = await app().tenant();
  await present(tenant, identityToken(tenant, "user-1", { name: `a${"😀".repeat(300)}`, email: "not an address" }));
  await present(tenant, identityToken(tenant, "user-2", { name: "Ann", email: "o'neill&söhne@bücher.example" }));
  expect(await contactsOf(tenant)).toMatchObject([
    { name: `a${"😀".repeat(199)}`, email: null },
    { name: "Ann", email: "o'neill&söhne@bücher.example" },
  ]);
});

const odd = [
  { name: "A\u0000nn" },
  { name: "\ud800" },
  { email: "a\u0000@shop.test" },
  { name: "n".repeat(500) },
  { name: 7, email: {} },
];

test.each(odd)("a name or an address that no table can hold, as %j, is no failure of ours", async (claims) => {
  const tenant = await app().tenant();
  const { ready, refusal } = await present(tenant, identityToken(tenant, "user-1", claims));
  expect(ready ? "let in" : refusal?.code).toMatch(/^(let in|unauthenticated|invalid_payload)$/u);
});

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Signed by hand, as libraries do that take any subject. */
const rawToken = ({ inbox }: TestTenant, claims: object) => {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", inbox.identitySecret).update(signed).digest("base64url")}`;
};

const forged: [string, (tenant: TestTenant, other: TestTenant) => unknown, string][] = [
  [
    "signed with a wrong secret",
    () => jwt.sign({ sub: "user-1" }, "some other secret", { expiresIn: "5m" }),
    "signature",
  ],
  ["signed with another tenant's secret", (_tenant, other) => identityToken(other, "user-1"), "signature"],
  [
    "signed with the public inbox key",
    ({ inbox }) => jwt.sign({ sub: "user-1" }, inbox.key, { expiresIn: "5m" }),
    "signature",
  ],
  ["not signed", () => `${encode({ alg: "none" })}.${encode({ sub: "user-1", exp: inSeconds(300) })}.`, "algorithm"],
  [
    "signed with another algorithm",
    ({ inbox }) => jwt.sign({ sub: "user-1" }, inbox.identitySecret, { algorithm: "HS512", expiresIn: "5m" }),
    "algorithm",
  ],
  ["expired", ({ inbox }) => jwt.sign({ sub: "user-1", exp: inSeconds(-60) }, inbox.identitySecret), "expired"],
  ["without an end", ({ inbox }) => jwt.sign({ sub: "user-1" }, inbox.identitySecret), "no_expiry"],
  [
    "not valid yet",
    ({ inbox }) => jwt.sign({ sub: "user-1", nbf: inSeconds(600), exp: inSeconds(900) }, inbox.identitySecret),
    "not_yet_valid",
  ],
  [
    "valid for days",
    ({ inbox }) => jwt.sign({ sub: "user-1", exp: inSeconds(200_000) }, inbox.identitySecret),
    "lifetime",
  ],
  [
    "valid until a moment counted in milliseconds",
    ({ inbox }) => jwt.sign({ sub: "user-1", exp: Date.now() + 300_000 }, inbox.identitySecret),
    "lifetime",
  ],
  ["without a subject", ({ inbox }) => jwt.sign({ exp: inSeconds(300) }, inbox.identitySecret), "subject"],
  ["with a fraction for a subject", (tenant) => rawToken(tenant, { sub: 1.5, exp: inSeconds(300) }), "subject"],
  [
    "with a number for a subject that stands for several",
    (tenant) => rawToken(tenant, { sub: 2 ** 53, exp: inSeconds(300) }),
    "subject",
  ],
  ["with an object for a subject", (tenant) => rawToken(tenant, { sub: { id: 1 }, exp: inSeconds(300) }), "subject"],
  ["with an empty subject", (tenant) => identityToken(tenant, ""), "subject"],
  ["with a subject that is too long", (tenant) => identityToken(tenant, "x".repeat(201)), "subject"],
  ["with NUL in its subject", (tenant) => identityToken(tenant, "user\u0000"), "subject"],
  ["empty", () => "", "malformed"],
  ["nonsense", () => "a.b.c", "malformed"],
  ["without JSON in it", () => `${encode({ alg: "HS256", typ: "JWT" })}.bm9uc2Vuc2U.c2ln`, "malformed"],
  ["a visitor's", (_tenant, other) => other.inbox.key, "malformed"],
];

test.each(forged)(
  "an identity token that is %s is refused and leaves no contact, with a reason of its own",
  async (_title, make, reason) => {
    const [tenant, other] = [await app().tenant(), await app().tenant()];
    const { refusal } = await present(tenant, make(tenant, other));
    expect(refusal).toMatchObject({
      code: "unauthenticated",
      retryable: false,
      details: { reason: `identity_${reason}` },
      message: expect.stringMatching(/^The identity token /u),
    });
    expect(await contactsOf(tenant)).toEqual([]);
  },
);
