import pino from "pino";
import { describe, expect, test } from "vitest";
import { createAddressOf, networkOf, readAddress } from "../../server/client-address.ts";
import { startApp, useApp } from "../support/app.ts";
import { knock } from "../socket/support/knock.ts";
import { logInRaw, raw } from "./requests.ts";

const peer = "10.0.0.1";

describe("what a proxy writes about the client", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["192.0.2.7:51234", "192.0.2.7"],
    [" 192.0.2.7 ", "192.0.2.7"],
    ['"192.0.2.7:51234"', "192.0.2.7"],
    ["[192.0.2.7]:51234", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["[::ffff:192.0.2.7]:443", "192.0.2.7"],
    ["::ffff:192.0.2.7:443", "192.0.2.7"],
    ["64:ff9b::192.0.2.7", "192.0.2.7"],
    ["::ffff:0:192.0.2.7", "192.0.2.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ['"[2001:db8::1]:443"', "2001:db8::1"],
    ["2001:db8:0:0:0:0:0:1:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:443", "fe80::1"],
    ["::1", "::1"],
    ["127.0.0.1", "127.0.0.1"],
    ["198.51.100.1, 192.0.2.7", "192.0.2.7"],
    ["198.51.100.1,192.0.2.7:80", "192.0.2.7"],
    ["nonsense, 192.0.2.7", "192.0.2.7"],
  ])("%s is %s", (written, address) => {
    expect(readAddress(peer, written, 1)).toBe(address);
  });

  test.each([
    "",
    " ",
    ",",
    "192.0.2.7,",
    "192.0.2.7, unknown",
    "unknown",
    "_hidden",
    "-",
    "localhost",
    "client.example",
    "0.0.0.0",
    "::",
    "255.255.255.255",
    "224.0.0.1",
    "ff02::1",
    "1.2.3",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "192.0.2.07",
    "256.0.0.1",
    "1.2.3.4.5",
    "192.0.2.7:port",
    "192.0.2.7:123456",
    "[192.0.2.7",
    "[]:80",
    "[]",
    "2001:db8::1::2",
    "12345::1",
    "for=192.0.2.7",
    "http://192.0.2.7",
    "192.0.2.7/24",
    "'; DROP TABLE sessions; --",
    "[".repeat(9_000),
    `1.2.3.4${":1".repeat(5_000)}`,
    `fe80::1%${"x".repeat(9_000)}`,
  ])("%j names nobody, so it is the proxy's own address", (written) => {
    expect(readAddress(peer, written, 1)).toBe(peer);
  });

  test("is believed as far as there are trusted proxies, counted from this end", () => {
    const written = "203.0.113.1, 198.51.100.1:9, 192.0.2.7";
    const seen = [0, 1, 2, 3, 4].map((trusted) => readAddress("::ffff:10.0.0.1", written, trusted));
    expect(seen).toEqual(["10.0.0.1", "192.0.2.7", "198.51.100.1", "203.0.113.1", "203.0.113.1"]);
  });

  test("may come as repeated headers", () => {
    expect(readAddress(peer, ["198.51.100.1", "192.0.2.7:80"], 1)).toBe("192.0.2.7");
  });

  test("where the outer proxy knows nobody, the inner one's word about the outer counts", () => {
    expect(readAddress(peer, "unknown, 192.0.2.7", 2)).toBe("192.0.2.7");
    expect(readAddress(undefined, undefined, 1)).toBe("unknown");
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::ffff", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8::/64"],
  ["::1", "::/64"],
  ["fe80::1%eth0", "fe80::/64"],
  ["unknown", "unknown"],
])("for limits %s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

describe("behind a proxy that appends a port", () => {
  const proxied = useApp({ TRUSTED_PROXIES: "1" });
  const from = (address: string) => ({ "X-Forwarded-For": address });

  test("sessions and the audit log hold the address without it", async () => {
    const tenant = await proxied().tenant();
    const headers = from("198.51.100.1, [::ffff:203.0.113.9]:4711");
    const { status } = await logInRaw(proxied().url, tenant.agents[0]!.email, { headers });
    expect(status).toBe(200);
    const { rows } = await proxied().superuser.query(
      "SELECT address FROM sessions WHERE tenant_id = $1 UNION SELECT address FROM audit_events WHERE tenant_id = $1",
      [tenant.id],
    );
    expect(rows).toEqual([{ address: "203.0.113.9" }]);
  });

  test("login limits hold, whatever the port or the address within a network", async () => {
    const limited = await startApp({ TRUSTED_PROXIES: "1", RATE_LIMIT_FACTOR: "1" });
    const { email } = (await limited.tenant()).agents[0]!;
    const block = `2001:db8:${Math.floor(Math.random() * 65_535).toString(16)}:7`;
    const statuses: number[] = [];
    for (let i = 1; i <= 11; i += 1) {
      const headers = from(`[${block}::${i}]:${50_000 + i}`);
      statuses.push((await logInRaw(limited.url, email, { wrong: true, headers })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  });

  test("requests and sockets share one allowance", async () => {
    // Three at once, and one more every seven seconds.
    const limited = await startApp({ TRUSTED_PROXIES: "1", RATE_LIMIT_FACTOR: "0.003" });
    const enter = async (address: string) => {
      const headers = from(address);
      return (await knock(limited.url, { namespace: "/agent", auth: { accessToken: "-" }, headers })).refusal?.code;
    };
    const refresh = async (address: string) =>
      (await raw(limited.url, { method: "POST", path: "/api/v1/auth/refresh", headers: from(address) })).status;
    expect(await enter("203.0.113.9:1")).toBe("unauthenticated");
    while ((await refresh("::ffff:203.0.113.9")) !== 429);
    expect(await enter("[::ffff:203.0.113.9]:2")).toBe("rate_limited");
    expect(await enter("203.0.113.10:3")).toBe("unauthenticated");
  });
});

test("a proxy that nobody told of is mentioned once in the log, with what to set", () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const addressOf = createAddressOf({ TRUSTED_PROXIES: 0 }, log);
  addressOf(peer, {});
  expect(lines).toEqual([]);
  expect(addressOf(peer, { "x-forwarded-for": "192.0.2.7" })).toBe(peer);
  addressOf(peer, { "x-real-ip": "192.0.2.7" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("set TRUSTED_PROXIES");
  createAddressOf({ TRUSTED_PROXIES: 1 }, log)(peer, { "x-forwarded-for": "192.0.2.7" });
  expect(lines).toHaveLength(1);
});
