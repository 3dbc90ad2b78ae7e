import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { PayloadReader } from "./websocket.ts";

export type Target = { host: string; port: number } | { path: string };
export type Direction = "toServer" | "toClient";

/**
 * When to cut a connection. `direction` says whose bytes are searched for `marker`, `act` what becomes of them:
 * `before`: they do not pass, the connection dies first; `after`: they pass, then it dies, so the outcome is unknown;
 * `reply`: they pass and the other side works on them, but its answer does not come back.
 */
export type Trigger = { direction: Direction; marker: string; act: "before" | "after" | "reply" };

type Armed = Trigger & { fired: () => void };
type Link = { client: Socket; server: Socket | undefined; awaitingReply: Armed | undefined; close: () => void };

const opposite = { toServer: "toClient", toClient: "toServer" } as const;

/** Where a `postgres:`, `redis:`, `unix:` or `http:` URL leads; a Postgres URL may name a socket folder as `?host=`. */
export const targetOf = (address: string): Target => {
  if (address.startsWith("unix:")) return { path: new URL(address).pathname };
  const url = new URL(address);
  const folder = url.searchParams.get("host");
  const defaultPort = { "postgres:": 5432, "postgresql:": 5432, "redis:": 6379 }[url.protocol] ?? 80;
  const port = Number(url.port || url.searchParams.get("port") || defaultPort);
  if (folder?.startsWith("/")) return { path: `${folder}/.s.PGSQL.${port}` };
  return { host: url.hostname || "127.0.0.1", port };
};

/**
 * A TCP proxy on a private loopback port, in front of one target or several (then it balances: each connection goes to
 * the next target that accepts it). All faults act on live and later connections until `heal()`.
 */
export class Proxy {
  readonly #server = createServer((client) => this.#accept(client));
  readonly #links = new Set<Link>();
  readonly #armed = new Set<Armed>();
  readonly #swallowed = new Set<Direction>();
  readonly #delayMs = { toServer: 0, toClient: 0 };
  readonly #webSocket: boolean;
  #targets: Target[];
  #turn = 0;
  #paused = false;
  #refusing = false;

  constructor(targets: Target[], webSocket: boolean) {
    this.#targets = targets;
    this.#webSocket = webSocket;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(0, "127.0.0.1", resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections stand. */
  get connections(): number {
    return this.#links.size;
  }

  /** Later connections go here; those that stand stay. */
  retarget(...targets: Target[]): void {
    this.#targets = targets;
  }

  /** Nothing passes either way and nothing is lost; connections stand. */
  pause(): void {
    this.#paused = true;
    for (const { client, server } of this.#links) {
      client.pause();
      server?.pause();
    }
  }

  /** Ends every connection that stands; new ones are welcome. */
  cut(): void {
    for (const link of this.#links) link.close();
  }

  /** Ends every connection and refuses new ones. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Bytes are taken and thrown away, as behind a router that forgot the connection; `heal()` ends what lost bytes. */
  swallow(...directions: Direction[]): void {
    for (const direction of directions.length > 0 ? directions : (["toServer", "toClient"] as const)) {
      this.#swallowed.add(direction);
    }
  }

  /** Holds every byte back for `ms` milliseconds. */
  delay(ms: number, ...directions: Direction[]): void {
    for (const direction of directions.length > 0 ? directions : (["toServer", "toClient"] as const)) {
      this.#delayMs[direction] = ms;
    }
  }

  /** Undoes pause, refuse, swallow and delay, and disarms triggers. */
  heal(): void {
    if (this.#swallowed.size > 0) this.cut();
    this.#paused = this.#refusing = false;
    this.#swallowed.clear();
    this.#armed.clear();
    this.delay(0);
    for (const { client, server } of this.#links) {
      // A client whose target is still being dialled waits for it; what it says would find no listener yet.
      if (server) client.resume();
      server?.resume();
    }
  }

  /** Arms one cut at a chosen moment; true once it has happened, false when the moment did not come within `ms`. */
  cutWhen(trigger: Trigger, ms?: number): Promise<boolean> {
    return new Promise((resolve) => {
      const armed: Armed = { ...trigger, fired: () => settle(true) };
      const timer = ms === undefined ? undefined : setTimeout(() => settle(false), ms);
      const settle = (happened: boolean) => {
        clearTimeout(timer);
        this.#armed.delete(armed);
        resolve(happened);
      };
      this.#armed.add(armed);
    });
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const link: Link = { client, server: undefined, awaitingReply: undefined, close: () => {} };
    link.close = () => {
      this.#links.delete(link);
      client.destroy();
      link.server?.destroy();
    };
    client.setNoDelay(true).on("error", link.close).on("close", link.close);
    if (this.#refusing) return link.close();
    this.#links.add(link);
    client.pause();
    this.#dial(link, this.#targets.length);
  }

  #dial(link: Link, attempts: number): void {
    const target = this.#targets[this.#turn++ % Math.max(1, this.#targets.length)];
    if (!target || attempts === 0) return link.close();
    const server = connect(target).setNoDelay(true);
    const next = () => {
      server.destroy();
      if (this.#links.has(link)) this.#dial(link, attempts - 1);
    };
    server.once("error", next).once("connect", () => {
      if (!this.#links.has(link)) return server.destroy();
      server.off("error", next).on("error", link.close).on("close", link.close);
      link.server = server;
      this.#carry(link, link.client, server, "toServer");
      this.#carry(link, server, link.client, "toClient");
      if (this.#paused) server.pause();
      else link.client.resume();
    });
  }

  #carry(link: Link, from: Socket, to: Socket, direction: Direction): void {
    const text = this.#webSocket && direction === "toServer" ? new PayloadReader() : undefined;
    let tail = "";
    let dueAt = 0;
    let waiting = 0;
    const inOrder = (pass: () => void) => {
      const now = Date.now();
      dueAt = Math.max(dueAt, now + this.#delayMs[direction]);
      if (waiting === 0 && dueAt <= now) return pass();
      waiting += 1;
      setTimeout(() => {
        waiting -= 1;
        pass();
      }, dueAt - now);
    };
    from.on("data", (chunk: Buffer) => {
      if (link.awaitingReply && link.awaitingReply.direction === opposite[direction]) {
        link.awaitingReply.fired();
        return link.close();
      }
      let cutAfter: Armed | undefined;
      if (this.#armed.size > 0) {
        // A marker may lie across two chunks, so a little of the last one is looked at again.
        const seen = tail + (text ? text.push(chunk) : chunk.toString("latin1"));
        tail = seen.slice(-256);
        for (const armed of this.#armed) {
          if (armed.direction !== direction || !seen.includes(armed.marker)) continue;
          this.#armed.delete(armed);
          tail = "";
          if (armed.act === "before") {
            armed.fired();
            return link.close();
          }
          if (armed.act === "reply") link.awaitingReply = armed;
          else cutAfter = armed;
        }
      } else text?.push(chunk);
      if (this.#swallowed.has(direction)) return;
      inOrder(() => {
        const flowing = to.write(chunk, () => {
          if (!cutAfter) return;
          cutAfter.fired();
          link.close();
        });
        if (flowing) return;
        from.pause();
        to.once("drain", () => this.#paused || from.resume());
      });
    });
    from.on("end", () => this.#swallowed.has(direction) || inOrder(() => to.end()));
  }
}

/** Starts a proxy. `webSocket` lets triggers read what clients send: their frames are masked on the wire. */
export const startProxy = (
  targets: Target | Target[],
  { webSocket = false }: { webSocket?: boolean } = {},
): Promise<Proxy> => new Proxy([targets].flat(), webSocket).listen();
