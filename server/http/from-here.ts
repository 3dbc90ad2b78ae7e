import type { Context } from "koa";
import { isFromHere } from "../client-address.ts";

/** What proxies add beside X-Forwarded-For, each in its own way; browsers and Prometheus send none of it. */
const isAdded = (header: string): boolean =>
  (header.startsWith("x-forwarded-") && header !== "x-forwarded-for") ||
  ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"].includes(header);

/**
 * Whether a program on this machine asks, by at most so many proxies on this machine. A proxy that may let in anybody gives
 * itself away by what it adds; a page from elsewhere, whose own name may point here, by the host name it asks for.
 */
export const isAskedFromHere = ({ req }: Pick<Context, "req">, mostProxies: number): boolean => {
  // Not Koa's: behind proxies it believes X-Forwarded-Host, which whoever asks may have written.
  const host = (req.headers.host ?? "").replace(/:\d+$/u, "").toLowerCase();
  const forwardedFor = [req.headers["x-forwarded-for"] ?? ""].flat().join(",");
  return (
    ["localhost", "127.0.0.1", "[::1]"].includes(host) &&
    !Object.keys(req.headers).some(isAdded) &&
    forwardedFor.split(",").filter(Boolean).length <= mostProxies &&
    isFromHere(req.socket.remoteAddress, forwardedFor)
  );
};
