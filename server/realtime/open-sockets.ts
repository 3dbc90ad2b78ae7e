import type { Server, Socket } from "socket.io";
import { networkOf } from "../client-address.ts";
import type { Node } from "../context.ts";
import { Refusal } from "../contract/errors.ts";
import { mostSockets } from "../limits.ts";

type Raw = {
  remoteAddress: string;
  request: { headers: { "x-forwarded-for"?: string | string[] } };
  once: (event: "close", done: () => void) => void;
  close: (discard: boolean) => void;
};

/** What is open on this node, by address and by person. */
export type OpenSockets = {
  /** Whether an address has more connections than one may have, the one that asks among them. */
  isFull: (network: string) => boolean;
  /** Counts a socket of somebody until it is gone. Throws Refusal when they have enough. */
  admit: (socket: Socket, person: string) => void;
};

/**
 * Counts connections where they begin, so that one which never says who it is counts too. Whoever is over is refused in
 * words at the handshake; a connection too many that does not leave by itself is closed.
 */
export const watchOpenSockets = (io: Server, node: Node): OpenSockets => {
  const { config, metrics, addressOf } = node;
  const most = (size: number) => Math.max(1, Math.round(size * config.RATE_LIMIT_FACTOR));
  const counts = new Map<string, number>();
  const add = (key: string): (() => void) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      const left = counts.get(key)! - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    };
  };

  io.engine.on("connection", (raw: Raw) => {
    const key = `address:${networkOf(addressOf(raw.remoteAddress, raw.request.headers))}`;
    raw.once("close", add(key));
    // A tenth beyond is let in, to be told why it may not stay.
    if (counts.get(key)! <= most(mostSockets.address * 1.1)) return;
    metrics.violations.inc({ kind: "sockets" });
    raw.close(true);
  });

  return {
    isFull: (network) => (counts.get(`address:${network}`) ?? 0) > most(mostSockets.address),
    admit: (socket, person) => {
      if ((counts.get(person) ?? 0) >= most(mostSockets.person)) {
        metrics.violations.inc({ kind: "sockets" });
        throw new Refusal("rate_limited", "This is open in too many windows. Please close some of them.", {
          retryAfterMs: 30_000,
        });
      }
      // Gone already: nothing would tell of its end.
      if (socket.conn.readyState === "closed") return;
      const leave = add(person);
      socket.once("disconnect", leave);
      // A client that goes away during its handshake never gets as far as a `disconnect`.
      socket.conn.once("close", leave);
    },
  };
};
