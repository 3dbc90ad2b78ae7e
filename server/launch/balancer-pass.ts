import http from "node:http";
import net from "node:net";
import type { Backend, Backends } from "./balancer-nodes.ts";

const connectWithinMs = 2_000;
const answerWithinMs = 120_000;

/** What concerns one connection only and is not passed on. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
]);

/** Header names and values in turn, as they came, without `leaveOut`, and with the client's address appended. */
const forwarded = (request: http.IncomingMessage, leaveOut: Set<string>): string[] => {
  const headers: string[] = [];
  const chain: string[] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] as string;
    const value = request.rawHeaders[at + 1] as string;
    if (name.toLowerCase() === "x-forwarded-for") chain.push(value);
    else if (!leaveOut.has(name.toLowerCase())) headers.push(name, value);
  }
  const address = request.socket.remoteAddress?.replace(/^::ffff:/u, "") ?? "unknown";
  return [...headers, "X-Forwarded-For", [...chain, address].join(", ")];
};

const sidOf = (url = ""): string | undefined => /[?&]sid=([^&#]+)/u.exec(url)?.[1];

const errorBody = (message: string): string =>
  JSON.stringify({ error: { code: "unavailable", message, retryable: true } });
const noNode = "No node can answer right now. Please try again.";
const nodeDied = "The node that was asked did not answer. Please try again.";

const refuse = (response: http.ServerResponse, status: number, message: string): void => {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "Content-Type": "application/json", "Retry-After": "1", Connection: "close" });
  response.end(errorBody(message));
};

/** Passes one request on to the first of `candidates` that takes a connection; nothing is sent before one does. */
export const pass = (request: http.IncomingMessage, response: http.ServerResponse, nodes: Backends): void => {
  const headers = forwarded(request, hopByHop);
  // Said outright, or the body of a GET would follow its head as if it were the next request.
  if (request.headers["transfer-encoding"]) headers.push("Transfer-Encoding", "chunked");
  const attempt = ([backend, ...others]: Backend[]): void => {
    if (response.destroyed) return;
    if (!backend) return refuse(response, 503, noNode);
    const { host, port } = backend;
    const upstream = http.request({
      host,
      port,
      method: request.method,
      path: request.url,
      headers: headers as unknown as http.OutgoingHttpHeaders,
      setHost: false,
      // A fresh connection each time: one kept open may be closed by the node just as we write to it.
      agent: false,
    });
    let connected = false;
    const tooSlow = setTimeout(() => upstream.destroy(new Error("no connection")), connectWithinMs);
    upstream.once("socket", (socket) =>
      socket.once("connect", () => {
        connected = true;
        clearTimeout(tooSlow);
        socket.setNoDelay(true);
        socket.setTimeout(answerWithinMs, () => upstream.destroy(new Error("no answer")));
        request.pipe(upstream);
      }),
    );
    upstream.once("response", (answer) => {
      const kept: string[] = [];
      for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
        if (!hopByHop.has((answer.rawHeaders[at] as string).toLowerCase()))
          kept.push(answer.rawHeaders[at] as string, answer.rawHeaders[at + 1] as string);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, kept);
      answer.pipe(response);
      answer.once("close", () => {
        // Cut off in the middle: so must ours be, or the client would take half for the whole.
        if (!answer.complete) response.destroy();
      });
      answer.on("error", () => response.destroy());
    });
    upstream.on("error", () => {
      clearTimeout(tooSlow);
      // The client left, and that ended it.
      if (response.destroyed) return undefined;
      if (connected) return refuse(response, 502, nodeDied);
      nodes.down(backend);
      return attempt(others);
    });
    response.once("close", () => upstream.destroy());
  };
  attempt(nodes.candidates(sidOf(request.url)));
};

/** How long the rest of what one side sent may take to reach the other, once the first is gone. */
const flushWithinMs = 10_000;

/** Joins two sockets: each gets what the other receives, as fast as it can take it, and ends with the other. */
const join = (one: net.Socket, other: net.Socket): void => {
  const lead = (from: net.Socket, to: net.Socket) => {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.once("close", () => {
      if (to.destroyed) return;
      to.destroySoon();
      setTimeout(() => to.destroy(), flushWithinMs).unref();
    });
  };
  lead(one, other);
  lead(other, one);
};

/** Passes an upgrade on as raw bytes: head first, then both ways. */
export const passUpgrade = (request: http.IncomingMessage, client: net.Socket, head: Buffer, nodes: Backends): void => {
  client.on("error", () => client.destroy());
  client.setNoDelay(true);
  client.setTimeout(0);
  const headers = forwarded(request, new Set());
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  const opening = Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]);

  const attempt = ([backend, ...others]: Backend[]): void => {
    if (client.destroyed) return;
    if (!backend) {
      const body = errorBody(noNode);
      client.end(
        `HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    const upstream = net.connect({ host: backend.host, port: backend.port, noDelay: true });
    const tooSlow = setTimeout(() => upstream.destroy(new Error("no connection")), connectWithinMs);
    const abandon = () => {
      clearTimeout(tooSlow);
      upstream.destroy();
    };
    client.once("close", abandon);
    const failed = () => {
      clearTimeout(tooSlow);
      client.off("close", abandon);
      nodes.down(backend);
      attempt(others);
    };
    upstream.once("error", failed);
    upstream.once("connect", () => {
      clearTimeout(tooSlow);
      upstream.off("error", failed);
      upstream.write(opening);
      join(client, upstream);
    });
  };
  attempt(nodes.candidates(sidOf(request.url)));
};
