import { afterAll, describe, expect, test } from "vitest";
import { useApp } from "../support/app.ts";
import { startNameServer } from "../support/name-server.ts";
import { password, type TestTenant } from "../support/tenant.ts";
import { ask, auditOf, refusalOf, tokenFor } from "./requests.ts";

const names = await startNameServer();
afterAll(names.close);
const app = useApp({ DNS_SERVERS: names.address, BASE_DOMAIN: "parley.test", PUBLIC_URL: "http://app.parley.test" });

const admins = async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "manager"] });
  const token = await tokenFor(app(), tenant);
  return { tenant, token, host: `chat.${tenant.slug}.example` };
};

const claim = (token: string, host: string) => ask(app().url, "POST", "/domains", { token, body: { host } });
const verify = (token: string, id: string) => ask(app().url, "POST", `/domains/${id}/verify`, { token });
const drop = (token: string, id: string) => ask(app().url, "DELETE", `/domains/${id}`, { token });

const publish = ({ record }: { record: { name: string; value: string } }, ...pieces: string[]) =>
  names.records.set(record.name, [["v=spf1 -all"], pieces.length > 0 ? pieces : [record.value]]);

/** A host name that is the workspace's own. */
const own = async (token: string, host: string): Promise<string> => {
  const { body } = await claim(token, host);
  publish(body.domain);
  const verified = await verify(token, body.domain.id);
  expect(verified.body.domain.verifiedAt).not.toBeNull();
  return body.domain.id;
};

describe("a domain", () => {
  test("counts once its TXT record is seen, by whatever name server", async () => {
    const { tenant, token, host } = await admins();
    const { status, body } = await claim(token, host.toUpperCase());
    expect([status, body.domain.host, body.domain.verifiedAt]).toEqual([201, host, null]);
    expect(body.domain.record.name).toBe(`_parley.${host}`);
    const early = await verify(token, body.domain.id);
    expect(refusalOf(early)).toEqual([409, "conflict"]);
    expect(early.body.error.details.record).toEqual(body.domain.record);
    // A long record comes in pieces.
    publish(body.domain, body.domain.record.value.slice(0, 20), body.domain.record.value.slice(20));
    const verified = await verify(token, body.domain.id);
    expect(verified.status).toBe(200);
    expect(Date.parse(verified.body.domain.verifiedAt)).not.toBeNaN();
    names.records.delete(body.domain.record.name);
    expect((await verify(token, body.domain.id)).body).toEqual(verified.body);
    expect((await auditOf(app(), tenant)).map(({ action }) => action)).toEqual(["domain.create", "domain.verify"]);
  });

  test("is not verified by another's record, or by one that only holds the right one", async () => {
    const { token, host } = await admins();
    const { body } = await claim(token, host);
    for (const wrong of ["parley-verification=", `${body.domain.record.value}x`, `x ${body.domain.record.value}`]) {
      publish(body.domain, wrong);
      expect(refusalOf(await verify(token, body.domain.id))).toEqual([409, "conflict"]);
    }
  });

  test("can't be judged while its name servers fail, and is tried again", async () => {
    const { token, host } = await admins();
    const { body } = await claim(token, host);
    names.broken.add(body.domain.record.name);
    const failed = await verify(token, body.domain.id);
    expect(refusalOf(failed)).toEqual([503, "unavailable"]);
    names.broken.delete(body.domain.record.name);
    publish(body.domain);
    expect((await verify(token, body.domain.id)).status).toBe(200);
  });

  test("may be claimed by several and belongs to the first that shows the record, until it is given up", async () => {
    const [one, other] = [await admins(), await admins()];
    const first = await own(one.token, one.host);
    const claimed = await claim(other.token, one.host);
    expect(claimed.status).toBe(201);
    publish(claimed.body.domain);
    expect(refusalOf(await verify(other.token, claimed.body.domain.id))).toEqual([409, "conflict"]);
    expect((await drop(one.token, first)).status).toBe(204);
    expect((await verify(other.token, claimed.body.domain.id)).status).toBe(200);
  });

  test("is claimed once by one workspace", async () => {
    const { token, host } = await admins();
    const answers = await Promise.all([claim(token, host), claim(token, host), claim(token, host)]);
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(["201", "409", "409"]);
  });

  test("must be a host name, and none of Parley's own", async () => {
    const { token } = await admins();
    const wrong = [
      "localhost",
      "127.0.0.1",
      "a..b",
      "-a.example",
      "a.example:80",
      "http://a.example",
      "a.example/x",
      "a b.c",
    ];
    for (const host of [
      ...wrong,
      "*.a.example",
      "parley.test",
      "x.parley.test",
      "app.parley.test",
      `${"a".repeat(64)}.test`,
    ])
      expect([host, ...refusalOf(await claim(token, host))]).toEqual([host, 400, "invalid_payload"]);
  });

  test("is for those who may change the workspace, on a plan that includes it", async () => {
    const { tenant, token, host } = await admins();
    const manager = await tokenFor(app(), tenant, tenant.agents[1]);
    expect(refusalOf(await claim(manager, host))).toEqual([403, "permission_denied"]);
    expect((await ask(app().url, "GET", "/domains", { token: manager })).status).toBe(200);
    const id = await own(token, host);
    await app().superuser.query("UPDATE tenants SET plan = 'pro' WHERE id = $1", [tenant.id]);
    expect(refusalOf(await claim(token, `other.${host}`))).toEqual([403, "limit_exceeded"]);
    // What stands may still be given up.
    expect((await drop(token, id)).status).toBe(204);
    expect((await ask(app().url, "GET", "/domains", { token })).body.data).toEqual([]);
  });
});

describe("a request's workspace", () => {
  const me = (token: string, headers: Record<string, string>) => ask(app().url, "GET", "/me", { token, headers });
  const denied = [403, "permission_denied"];

  test("by host name must be the token's: subdomain and own domain alike, whatever the port and case", async () => {
    const [mine, theirs] = [await admins(), await admins()];
    await own(mine.token, mine.host);
    await own(theirs.token, theirs.host);
    for (const { host, tenant, token } of [mine, theirs]) {
      for (const name of [host, `${host}:8443`, host.toUpperCase(), `${tenant.slug}.parley.test`])
        expect((await me(token, { Host: name })).status).toBe(200);
    }
    for (const name of [theirs.host, `${theirs.tenant.slug}.parley.test`, `${theirs.tenant.slug}.parley.test:80`])
      expect(refusalOf(await me(mine.token, { Host: name }))).toEqual(denied);
  });

  test("is named by no shared, unknown or unverified host", async () => {
    const [mine, theirs] = [await admins(), await admins()];
    await claim(theirs.token, theirs.host);
    for (const name of [
      "parley.test",
      "app.parley.test",
      "localhost:3000",
      "nobody.parley.test",
      theirs.host,
      "[::1]:80",
    ])
      expect((await me(mine.token, { Host: name })).status).toBe(200);
  });

  test("by X-Tenant-ID must be the token's and the host name's", async () => {
    const [mine, theirs] = [await admins(), await admins()];
    const host = { Host: `${mine.tenant.slug}.parley.test` };
    expect((await me(mine.token, { ...host, "X-Tenant-ID": mine.tenant.id.toUpperCase() })).status).toBe(200);
    for (const id of [theirs.tenant.id, "nonsense", mine.tenant.slug, `${mine.tenant.id} `.repeat(2)])
      expect(refusalOf(await me(mine.token, { "X-Tenant-ID": id }))).toEqual(denied);
    const login = await ask(app().url, "POST", "/auth/login", {
      body: { email: mine.tenant.agents[0]!.email, password },
      headers: { ...host, "X-Tenant-ID": theirs.tenant.id },
    });
    expect(refusalOf(login)).toEqual(denied);
  });

  test("is the one that signing in opens there, and no other is", async () => {
    const [mine, theirs] = [await admins(), await admins()];
    const logIn = (tenant: TestTenant, headers: Record<string, string>) =>
      ask(app().url, "POST", "/auth/login", { body: { email: tenant.agents[0]!.email, password }, headers });
    const here = { Host: `${mine.tenant.slug}.parley.test` };
    expect((await logIn(mine.tenant, here)).body.tenant.id).toBe(mine.tenant.id);
    expect(refusalOf(await logIn(theirs.tenant, here))).toEqual([401, "unauthenticated"]);
    expect((await logIn(theirs.tenant, { "X-Tenant-ID": theirs.tenant.id })).status).toBe(200);
    expect(refusalOf(await logIn(theirs.tenant, { "X-Tenant-ID": mine.tenant.id }))).toEqual([401, "unauthenticated"]);
  });
});
