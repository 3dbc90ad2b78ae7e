import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startProxy, targetOf } from "./proxy.ts";
import type { Proxy, Target } from "./proxy.ts";
import { encodeFrame, FrameReader, opcode } from "./websocket.ts";
import { Signal } from "./wait.ts";

/** A server that keeps what it hears and answers each chunk with `re:<chunk>`. */
const startEcho = async () => {
  const signal = new Signal();
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      heard.push(chunk.toString("latin1"));
      signal.changed();
      socket.write(`re:${chunk.toString("latin1")}`);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const target: Target = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  return {
    target,
    heard,
    hears: (text: string) => signal.until(() => heard.join("").includes(text), `hearing ${text}`),
  };
};

const proxyTo = async (targets: Target | Target[], options?: Parameters<typeof startProxy>[1]) => {
  const proxy = await startProxy(targets, options);
  onTestFinished(() => proxy.close());
  return proxy;
};

const dial = async (proxy: Proxy) => {
  const socket: Socket = connect(proxy.port, "127.0.0.1");
  const signal = new Signal();
  let said = "";
  let closed = false;
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    said += chunk.toString("latin1");
    signal.changed();
  });
  socket.on("close", () => {
    closed = true;
    signal.changed();
  });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  return {
    write: (text: string | Buffer) => socket.write(text),
    said: () => said,
    answers: (text: string) => signal.until(() => said.includes(text), `the answer ${text}`),
    closes: () => signal.until(() => closed, "the end of the connection"),
    closed: () => closed,
  };
};

test("a proxy carries both ways", async () => {
  const echo = await startEcho();
  const client = await dial(await proxyTo(echo.target));
  client.write("hello");
  expect(await client.answers("re:hello")).toBe(true);
});

test("a paused proxy holds everything back and loses nothing", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  client.write("one ");
  await client.answers("re:one");
  proxy.pause();
  client.write("two ");
  const another = await dial(proxy);
  another.write("three ");
  proxy.heal();
  await client.answers("re:two");
  await another.answers("re:three");
  expect(echo.heard.toSorted()).toEqual(["one ", "three ", "two "]);
});

test("a cut ends every connection, and new ones are welcome", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  client.write("hello");
  await client.answers("re:hello");
  proxy.cut();
  await client.closes();
  const next = await dial(proxy);
  next.write("again");
  expect(await next.answers("re:again")).toBe(true);
});

test("a refusing proxy takes nobody until it is healed", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  proxy.refuse();
  await (await dial(proxy)).closes();
  proxy.heal();
  const client = await dial(proxy);
  client.write("hello");
  expect(await client.answers("re:hello")).toBe(true);
});

test("what is swallowed towards the server never arrives, and healing ends the connection that lost it", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  client.write("one");
  await client.answers("re:one");
  proxy.swallow("toServer");
  client.write("two");
  proxy.heal();
  await client.closes();
  expect(echo.heard.join("")).toBe("one");
});

test("what is swallowed towards the client was heard by the server", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  proxy.swallow("toClient");
  const client = await dial(proxy);
  client.write("one");
  await echo.hears("one");
  proxy.heal();
  await client.closes();
  expect(client.said()).toBe("");
});

test("a delay keeps the order", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  proxy.delay(30, "toServer");
  for (let i = 0; i < 20; i += 1) client.write(`${i};`);
  proxy.delay(0);
  client.write("end");
  await client.answers("end");
  expect(echo.heard.join("")).toBe(`${Array.from({ length: 20 }, (_, i) => `${i};`).join("")}end`);
});

test("a connection cut before the marker passes does not let it pass", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  client.write("one ");
  await client.answers("re:one");
  const cut = proxy.cutWhen({ direction: "toServer", marker: "COMMIT", act: "before" });
  client.write("COMMIT");
  await cut;
  await client.closes();
  expect(echo.heard.join("")).toBe("one ");
});

test("a connection cut at the reply lets the marker be worked on and its answer be lost", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  const cut = proxy.cutWhen({ direction: "toServer", marker: "COMMIT", act: "reply" });
  client.write("COMMIT");
  await cut;
  await client.closes();
  expect(echo.heard.join("")).toBe("COMMIT");
  expect(client.said()).toBe("");
});

test("a connection cut after the marker has passed it on", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  const cut = proxy.cutWhen({ direction: "toServer", marker: "COMMIT", act: "after" });
  client.write("COM");
  await client.answers("re:COM");
  client.write("MIT");
  await cut;
  await client.closes();
  expect(await echo.hears("COMMIT")).toBe(true);
});

test("a cut whose moment does not come is disarmed", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target);
  const client = await dial(proxy);
  expect(await proxy.cutWhen({ direction: "toServer", marker: "COMMIT", act: "before" }, 10)).toBe(false);
  client.write("COMMIT");
  expect(await client.answers("re:COMMIT")).toBe(true);
});

test("a marker inside a masked WebSocket frame is seen", async () => {
  const echo = await startEcho();
  const proxy = await proxyTo(echo.target, { webSocket: true });
  const client = await dial(proxy);
  client.write("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
  await client.answers("websocket");
  const cut = proxy.cutWhen({ direction: "toServer", marker: "secret-word", act: "before" });
  client.write(encodeFrame("a harmless word"));
  await echo.hears("\x81");
  client.write(encodeFrame("the secret-word"));
  await cut;
  expect(await client.closes()).toBe(true);
});

test("a balancer passes over a target that is down", async () => {
  const up = await startEcho();
  const down = createServer();
  await new Promise<void>((resolve) => {
    down.listen(0, "127.0.0.1", resolve);
  });
  const { port } = down.address() as AddressInfo;
  await new Promise((resolve) => down.close(resolve));
  const proxy = await proxyTo([{ host: "127.0.0.1", port }, up.target]);
  for (let i = 0; i < 4; i += 1) {
    const client = await dial(proxy);
    client.write(`hello ${i}`);
    expect(await client.answers(`re:hello ${i}`)).toBe(true);
  }
});

test("frames are read whole from any pieces", () => {
  const long = "x".repeat(70_000);
  const bytes = Buffer.concat([encodeFrame("hi"), encodeFrame(long), encodeFrame("", { code: opcode.ping })]);
  const reader = new FrameReader();
  const frames = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)).flatMap((piece) => reader.push(piece));
  expect(frames.map((frame) => frame.payload.length)).toEqual([2, 70_000, 0]);
  expect(frames[1]!.payload.toString()).toBe(long);
});

test("an address leads to a port or to a socket", () => {
  expect(targetOf("redis://127.0.0.1:7000")).toEqual({ host: "127.0.0.1", port: 7000 });
  expect(targetOf("unix:/tmp/redis.sock")).toEqual({ path: "/tmp/redis.sock" });
  expect(targetOf("postgres://u@localhost:5432/d?host=%2Ftmp%2Fpg")).toEqual({ path: "/tmp/pg/.s.PGSQL.5432" });
  expect(targetOf("http://127.0.0.1:3000")).toEqual({ host: "127.0.0.1", port: 3000 });
});
