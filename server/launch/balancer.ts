import http from "node:http";
import type net from "node:net";
import type { Backends } from "./balancer-nodes.ts";
import { pass, passUpgrade } from "./balancer-pass.ts";

const malformed: Record<string, string> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

export type Balancer = { readonly port: number; close: () => Promise<void> };

/**
 * Listens on `host` and `port` and spreads what comes over the ready nodes: new connections in turn, long-polling
 * requests to the node that holds their session, so that neither needs a cookie. A node that refuses a connection is
 * passed over. Whatever clients send, they can at most lose their own connection.
 */
export const startBalancer = async (nodes: Backends, address: { host: string; port: number }): Promise<Balancer> => {
  const sockets = new Set<net.Socket>();
  const server = http.createServer({ headersTimeout: 15_000, requestTimeout: 120_000 }, (request, response) => {
    request.on("error", () => response.destroy());
    response.on("error", () => response.destroy());
    try {
      pass(request, response, nodes);
    } catch {
      // A path or header that may come in but not go out.
      response.writeHead(400, { "Content-Type": "application/json", Connection: "close" });
      response.end(
        JSON.stringify({ error: { code: "invalid_payload", message: "Malformed request.", retryable: false } }),
      );
    }
  });
  server.on("upgrade", (request, socket, head) => passUpgrade(request, socket as net.Socket, head, nodes));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const status = malformed[error.code ?? ""] ?? "400 Bad Request";
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Node's default queue of 511 is short when thousands come back at once.
    server.listen({ ...address, backlog: 8_192 }, () => resolve());
  });
  // Running out of file descriptors, for one, ends one accept and not the process.
  server.on("error", () => {});
  return {
    port: (server.address() as net.AddressInfo).port,
    close: async () => {
      nodes.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
