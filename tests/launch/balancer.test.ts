import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { startBalancer } from "../../server/launch/balancer.ts";
import type { Balancer } from "../../server/launch/balancer.ts";
import { watchNodes } from "../../server/launch/balancer-nodes.ts";
import type { Backends } from "../../server/launch/balancer-nodes.ts";

type Node = {
  name: string;
  port: number;
  server: http.Server;
  seen: string[];
  ready: boolean;
  close: () => Promise<void>;
};

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** Answers with what it was asked; `/hang` never, `/die` by cutting the answer short; an upgrade is echoed in capitals. */
const startNode = async (name: string, port = 0): Promise<Node> => {
  const sockets = new Set<net.Socket>();
  const server = http.createServer((request, response) => {
    if (request.url === "/health/ready") {
      response
        .writeHead(node.ready ? 200 : 503)
        .end(JSON.stringify({ status: "ready", node: name, tag: `tag-${name}` }));
      return;
    }
    node.seen.push(`${request.method} ${request.url}`);
    if (request.url === "/hang") return;
    if (request.url === "/die") {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("half", () => response.destroy());
      return;
    }
    let body = "";
    request.on("data", (data: Buffer) => (body += data.toString()));
    request.on("end", () => response.end(JSON.stringify({ name, url: request.url, headers: request.headers, body })));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (request, socket: net.Socket, head) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Node: ${name}\r\n\r\n`);
    socket.write(JSON.stringify({ url: request.url, headers: request.headers }) + head.toString());
    socket.on("data", (data) => socket.write(data.toString().toUpperCase()));
    socket.on("end", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const node: Node = {
    name,
    server,
    port: (server.address() as net.AddressInfo).port,
    seen: [],
    ready: true,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  closing.push(node.close);
  return node;
};

/** By default nodes are looked at once only, so that what a test sees is what the balancer found out by itself. */
const balance = async (nodes: Node[], everyMs = 1e9): Promise<Balancer & { backends: Backends }> => {
  const backends = await watchNodes(
    nodes.map(({ name, port }) => ({ name, host: "127.0.0.1", port })),
    { everyMs },
  );
  const balancer = await startBalancer(backends, { host: "127.0.0.1", port: 0 });
  closing.push(balancer.close);
  return { ...balancer, backends };
};

type Answer = { status: number; text: string; name?: string; headers: Record<string, string>; body?: string };
const ask = async (
  port: number,
  path = "/",
  options: http.RequestOptions & { body?: string } = {},
): Promise<Answer> => {
  const request = http.request({ host: "127.0.0.1", port, path, agent: false, ...options });
  request.end(options.body);
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  let text = "";
  for await (const data of response) text += String(data);
  return { headers: {}, ...(JSON.parse(text) as object), status: response.statusCode ?? 0, text };
};
/** Sends bytes and resolves with all that comes back until the connection ends; `hangUp` says at once that no more follow. */
const send = async (port: number, bytes: string | Buffer, { hangUp = false } = {}): Promise<string> => {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {});
  if (hangUp) socket.end(bytes);
  else socket.write(bytes);
  let text = "";
  socket.on("data", (data) => (text += data.toString("latin1")));
  await once(socket, "close");
  return text;
};

test("requests go to the ready nodes in turn", async () => {
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => startNode(name)));
  c!.ready = false;
  const { port } = await balance([a!, b!, c!]);
  const names = await Promise.all(Array.from({ length: 6 }, async () => (await ask(port)).name));
  expect(new Set(names)).toEqual(new Set(["a", "b"]));
});

test("a long-polling request goes to the node that holds its session, while that one drains too", async () => {
  const [a, b] = await Promise.all([startNode("a"), startNode("b")]);
  const { port, backends } = await balance([a, b], 20);
  for (const sid of ["tag-b.123", "tag-a.123", "tag-b.456"]) {
    const { name } = await ask(port, `/socket.io/?EIO=4&transport=polling&sid=${sid}`);
    expect(`tag-${name}`).toBe(sid.split(".")[0]);
  }
  b.ready = false;
  await vi.waitFor(() => expect(backends.list.map(({ ready }) => ready)).toEqual([true, false]));
  expect((await ask(port, "/?sid=tag-b.1")).name).toBe("b");
  expect((await ask(port, "/?sid=tag-gone.1")).name).toBe("a");
});

test("a node that refuses connections is passed over at once, with the request's body, and taken in again", async () => {
  const [a, b] = await Promise.all([startNode("a"), startNode("b")]);
  const { port, backends } = await balance([a, b]);
  await a.close();
  for (let round = 0; round < 4; round += 1)
    expect(await ask(port, "/", { method: "POST", body: "kept" })).toMatchObject({
      status: 200,
      name: "b",
      body: "kept",
    });
  expect(backends.list[0]?.ready).toBe(false);

  const again = await balance([a, b], 20);
  await startNode("a", a.port);
  await vi.waitFor(async () => expect((await ask(again.port)).name).toBe("a"));
});

test("without any node the answer is an error that may be retried", async () => {
  const node = await startNode("a");
  const { port } = await balance([node]);
  await node.close();
  for (let round = 0; round < 2; round += 1) {
    const { status, text } = await ask(port);
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "unavailable", retryable: true } });
  }
  const upgrade = await send(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  expect(upgrade).toMatch(/^HTTP\/1.1 503[^]*"retryable":true/u);
});

test("a node that dies before it answers makes a 502, one that dies within makes a broken answer, never a short one", async () => {
  const node = await startNode("a");
  const { port } = await balance([node]);
  const hanging = ask(port, "/hang");
  await vi.waitFor(() => expect(node.seen).toContain("GET /hang"));
  const closed = node.close();
  expect((await hanging).status).toBe(502);
  await closed;

  const other = await startNode("b");
  const { port: second } = await balance([other]);
  await expect(ask(second, "/die")).rejects.toThrow(/aborted/u);
});

test("headers arrive as they were sent, and the client's address is added to those it came by", async () => {
  const { port } = await balance([await startNode("a")]);
  const headers = { Host: "shop.example", Origin: "https://shop.example", "X-Forwarded-For": "203.0.113.9" };
  expect((await ask(port, "/", { headers })).headers).toMatchObject({
    host: "shop.example",
    origin: "https://shop.example",
    "x-forwarded-for": "203.0.113.9, 127.0.0.1",
  });
});

test("the body of a GET is not taken for a request of its own", async () => {
  const node = await startNode("a");
  const { port } = await balance([node]);
  const inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
  const answer = await send(
    port,
    `GET /outer HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
  );
  expect(answer).toMatch(/^HTTP\/1.1 200/u);
  expect(node.seen).toEqual(["GET /outer"]);
});

test("an upgrade is passed on as it is, both ways, and ends on both sides", async () => {
  const node = await startNode("a");
  const { port } = await balance([node]);
  const socket = net.connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (data) => (text += data.toString()));
  socket.write(
    "GET /socket.io/?transport=websocket HTTP/1.1\r\nHost: shop.example\r\nOrigin: https://shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst bytes",
  );
  await vi.waitFor(() => expect(text).toContain("first bytes"));
  expect(text).toMatch(/^HTTP\/1.1 101/u);
  expect(text).toContain('"host":"shop.example","origin":"https://shop.example"');
  expect(text).toContain('"x-forwarded-for":"127.0.0.1"');
  socket.write("quiet");
  await vi.waitFor(() => expect(text).toContain("QUIET"));
  const ended = once(socket, "close");
  await node.close();
  await ended;
});

test("a client that reads slowly holds its node back instead of filling the balancer", async () => {
  const total = 64 * 1024 * 1024;
  let sent = 0;
  const node = await startNode("a");
  node.server.removeAllListeners("upgrade");
  node.server.on("upgrade", (_, socket: net.Socket) => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const more = () => {
      while (sent < total && socket.write(chunk)) sent += chunk.length;
    };
    socket.on("drain", more);
    socket.on("error", () => {});
    more();
  });
  const { port } = await balance([node]);
  const socket = net.connect(port, "127.0.0.1");
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  let before = -1;
  await vi.waitFor(
    () => {
      const settled = sent === before && sent > 0;
      before = sent;
      expect(settled).toBe(true);
    },
    { timeout: 10_000, interval: 200 },
  );
  expect(sent).toBeLessThan(total);
  socket.destroy();
});

test("whatever clients send, the others are served", async () => {
  const { port } = await balance([await startNode("a")]);
  const nonsense = [
    "\r\n\r\n\r\n",
    "\0\0\0\0",
    "hello\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /\xff\xfe HTTP/1.1\r\nHost: \xff\r\nX-Odd: \x80\xff\r\nConnection: close\r\n\r\n",
    "GET /\xff HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}\r\n\r\n`,
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
  ];
  const cut = (text: string) =>
    new Promise<void>((resolve) => {
      const socket = net.connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.once("close", () => resolve());
      socket.write(Buffer.from(text, "latin1"), () => socket.resetAndDestroy());
    });
  await Promise.all(nonsense.flatMap((text) => [send(port, Buffer.from(text, "latin1"), { hangUp: true }), cut(text)]));
  expect(await send(port, nonsense[2] as string)).toMatch(/^HTTP\/1.1 400/u);
  expect(await send(port, nonsense[13] as string)).toMatch(/^HTTP\/1.1 431/u);
  expect((await ask(port)).status).toBe(200);
});

test("a client that gives up takes its request along and does not count against the node", async () => {
  const node = await startNode("a");
  const { port, backends } = await balance([node]);
  const gone = new Promise((resolve) => node.server.once("request", (request) => request.once("close", resolve)));
  const request = http.get({ host: "127.0.0.1", port, path: "/hang" });
  request.on("error", () => {});
  await vi.waitFor(() => expect(node.seen).toContain("GET /hang"));
  request.destroy();
  await gone;
  expect(backends.list[0]?.ready).toBe(true);
});
