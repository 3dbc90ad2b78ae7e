import { createHash, createSecretKey, hkdfSync, randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { testSettings } from "../../support/nodes.ts";
import { ask, refusalOf } from "../requests.ts";
import { signIn } from "./people.ts";

const app = useApp();

const keyFor = (purpose: string) => ({
  id: createHash("sha256").update(`${purpose}:${testSettings.AUTH_SECRETS}`).digest("hex").slice(0, 8),
  key: createSecretKey(Buffer.from(hkdfSync("sha256", testSettings.AUTH_SECRETS, "parley", purpose, 32))),
});

/** Every part of a good access token, for tests that get one of them wrong. */
const partsOf = async () => {
  const tenant = await app().tenant();
  const { userId: sub, sessionId: sid } = await signIn(app(), tenant.agents[0]!.email);
  const { id: keyid, key } = keyFor("access");
  const good = { algorithm: "HS256", issuer: "parley", audience: "parley-agent", expiresIn: 900, keyid } as const;
  return { tenant, claims: { sub, tid: tenant.id, sid }, key, good };
};

const refusedWith = async (token: string) => {
  const answer = await ask(app().url, "GET", "/me", { token });
  return [...refusalOf(answer), answer.body.error.details.reason];
};
const invalid = [401, "unauthenticated", "invalid"];

test("a token with every part right is taken, so that what follows is refused for its one fault", async () => {
  const { claims, key, good } = await partsOf();
  expect((await ask(app().url, "GET", "/me", { token: jwt.sign(claims, key, good) })).status).toBe(200);
});

test("a token signed with `none` is refused", async () => {
  const { claims, key, good } = await partsOf();
  const [, payload] = jwt.sign(claims, key, good).split(".");
  for (const header of [
    { alg: "none", typ: "JWT" },
    { alg: "none", kid: good.keyid },
    { alg: "None", kid: good.keyid },
  ])
    expect(await refusedWith(`${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}.`)).toEqual(
      invalid,
    );
});

test("a token for another audience, by another issuer or in another algorithm is refused", async () => {
  const { claims, key, good } = await partsOf();
  for (const change of [
    { audience: "parley-visitor" },
    { audience: "parley-impersonation" },
    { audience: "somebody-else" },
    { issuer: "somebody-else" },
    { algorithm: "HS384" as const },
    { algorithm: "HS512" as const },
  ])
    expect(await refusedWith(jwt.sign(claims, key, { ...good, ...change }))).toEqual(invalid);
});

test("a token signed with the visitor's key, the impersonator's or nobody's is refused as an agent's", async () => {
  const { claims, key, good } = await partsOf();
  for (const purpose of ["visitor", "impersonation", "refresh"]) {
    const other = keyFor(purpose);
    expect(await refusedWith(jwt.sign(claims, other.key, good))).toEqual(invalid);
    expect(await refusedWith(jwt.sign(claims, other.key, { ...good, keyid: other.id }))).toEqual(invalid);
  }
  expect(await refusedWith(jwt.sign(claims, key, { ...good, keyid: "00000000" }))).toEqual(invalid);
  const nobodys = createSecretKey(Buffer.alloc(32));
  expect(await refusedWith(jwt.sign(claims, nobodys, good))).toEqual(invalid);
});

test("a visitor's token opens no REST route, and an agent's no visitor's door", async () => {
  const { tenant, claims, key, good } = await partsOf();
  const { tokens } = app().app.node;
  expect(
    await refusedWith(
      tokens.signVisitor({ sub: claims.sub, tid: tenant.id, inb: tenant.inbox.id }, tenant.inbox.origin),
    ),
  ).toEqual(invalid);
  expect(() => tokens.checkVisitor(jwt.sign(claims, key, good), tenant.inbox.origin)).toThrow(
    "The token is not valid.",
  );
});

test("a token that has run out is refused as such", async () => {
  const { claims, key, good } = await partsOf();
  expect(await refusedWith(jwt.sign(claims, key, { ...good, expiresIn: -60 }))).toEqual([
    401,
    "unauthenticated",
    "expired",
  ]);
});

test("a token opens no other tenant, session or person than the one its session is of", async () => {
  const { claims, key, good } = await partsOf();
  const other = await partsOf();
  for (const change of [
    { tid: other.claims.tid },
    { sid: other.claims.sid },
    { sub: other.claims.sub },
    { sid: randomUUID() },
    { tid: randomUUID() },
  ])
    expect(await refusedWith(jwt.sign({ ...claims, ...change }, key, good))).toEqual([
      401,
      "unauthenticated",
      "session_revoked",
    ]);
});
