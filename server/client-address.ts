import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Logger } from "pino";
import type { Config } from "./config.ts";

/** Ranges that say nothing about who is there: an address in them was made up. */
const nobodys = new Set(["unspecified", "multicast", "broadcast"]);
/** Ranges of IPv6 whose last four bytes are an IPv4 address; they would all be one /64. */
const carriesIpv4 = new Set(["ipv4Mapped", "rfc6145", "rfc6052"]);
// An IPv6 address with brackets, zone and port is far below this.
const longest = 100;

/** What stands in one entry of a header, or for a socket's peer; nothing where that is no address of somebody. */
const parse = (entry: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => {
  if (entry.length > longest) return undefined;
  const text = entry.trim().replace(/^"(.*)"$/u, "$1");
  const [, inBrackets] = /^\[([^\]]*)\](?::\d{1,5})?$/u.exec(text) ?? [];
  // An IPv6 address without brackets may end in what looks like a port, so the whole is tried first.
  const readings = inBrackets === undefined ? [text, text.replace(/:\d{1,5}$/u, "")] : [inBrackets];
  // The library would also take `127.1`, `0x7f.1` and `2130706433`; a zone means something on its own machine only.
  const plain = readings.map((reading) => reading.replace(/%.*$/su, "")).find((reading) => isIP(reading) > 0);
  if (plain === undefined) return undefined;
  const address = ipaddr.parse(plain);
  if (nobodys.has(address.range())) return undefined;
  return carriesIpv4.has(address.range()) ? new ipaddr.IPv4(address.toByteArray().slice(-4)) : address;
};

/**
 * The client's address in its one spelling, as far as the proxies in front may be believed: each of them has appended whom
 * it was asked by. Where that says nothing, it is the address of the nearest proxy whose address is known.
 */
export const readAddress = (
  peer: string | undefined,
  forwardedFor: string | string[] | undefined,
  trustedProxies: number,
): string => {
  // Not by their own commas alone: some servers hand over repeated headers as a list.
  const hops = trustedProxies > 0 && forwardedFor ? [forwardedFor].flat().join(",").split(",") : [];
  for (const entry of [...hops.slice(-trustedProxies), peer ?? ""]) {
    const address = parse(entry);
    if (address) return address.toString();
  }
  // The connection is gone already.
  return "unknown";
};

const prefixOf = (address: ipaddr.IPv6, words: number): string => {
  const parts = address.parts.map((part, place) => (place < words ? part : 0));
  return `${new ipaddr.IPv6(parts).toString()}/${words * 16}`;
};

/** The part of an address that one person can't change at will, by which limits count: of IPv6 the network. */
export const networkOf = (address: string): string => {
  const parsed = parse(address);
  if (parsed?.kind() !== "ipv6") return parsed?.toString() ?? address;
  return prefixOf(parsed as ipaddr.IPv6, 4);
};

/** What a provider hands to one customer at most, which are 65,536 networks of IPv6; nothing for others. */
export const siteOf = (address: string): string | undefined => {
  const parsed = parse(address);
  return parsed?.kind() === "ipv6" ? prefixOf(parsed as ipaddr.IPv6, 3) : undefined;
};

/** Whether all that is known of a request's way lies on this machine. */
export const isFromHere = (peer: string | undefined, forwardedFor: string): boolean =>
  [peer ?? "", ...(forwardedFor === "" ? [] : forwardedFor.split(","))].every(
    (entry) => parse(entry)?.range() === "loopback",
  );

type Headers = Partial<Record<"x-forwarded-for" | "forwarded" | "x-real-ip", string | string[]>>;
export type AddressOf = (peer: string | undefined, headers: Headers) => string;

/** `readAddress` as the configuration has it. Says once what is wrong when proxies seem to stand in front that it knows nothing of. */
export const createAddressOf = ({ TRUSTED_PROXIES }: Pick<Config, "TRUSTED_PROXIES">, log: Logger): AddressOf => {
  let warned = TRUSTED_PROXIES > 0;
  return (peer, headers) => {
    const forwardedFor = headers["x-forwarded-for"];
    if (!warned && (forwardedFor ?? headers.forwarded ?? headers["x-real-ip"]) !== undefined) {
      warned = true;
      log.warn(
        "a request was forwarded, and TRUSTED_PROXIES is 0: behind a proxy everybody counts as the proxy's one address and " +
          "shares its limits; set TRUSTED_PROXIES to how many proxies in front append to X-Forwarded-For",
      );
    }
    return readAddress(peer, forwardedFor, TRUSTED_PROXIES);
  };
};
