import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { limits } from "../../server/contract/entities.ts";
import { useCluster } from "../support/cluster.ts";
import { rest } from "../support/people.ts";
import { openWidgetSession } from "../support/raw-session.ts";
import { CommandFailed } from "../support/virtual-client.ts";
import { encodeFrame, opcode } from "../support/websocket.ts";

const cluster = useCluster({ count: 1 });

const tooBig = 1009;

const giants: [string, () => Buffer[]][] = [
  ["a frame of 70 KB", () => [encodeFrame(`42/widget,["message:send",{"body":"${"x".repeat(70_000)}"}]`)]],
  ["a frame that announces 10 MB", () => [encodeFrame("x".repeat(10_000_000)).subarray(0, 1_000)]],
  [
    "fragments that add up to more than a frame may hold",
    () =>
      Array.from({ length: 8 }, (_, i) =>
        encodeFrame("4".repeat(10_000), { fin: false, code: i === 0 ? opcode.text : opcode.continuation }),
      ),
  ],
];

test.each(giants)("%s closes its connection with 1009, and only its own", async (_title, make) => {
  const tenant = await cluster().tenant();
  const contact = await cluster().contact(tenant);
  const session = await openWidgetSession(cluster().list[0]!, tenant);
  for (const bytes of make()) session.raw(bytes);
  await session.closed;
  expect(session.closeCode).toBe(tooBig);
  const { id } = await contact.start("I am still here");
  expect((await contact.send(id, "and so is my socket")).ack).toBeDefined();
  expect(contact.readies).toBe(1);
});

test("a body of the greatest length passes, whatever it costs in bytes, and one more character does not", async () => {
  const tenant = await cluster().tenant();
  const contact = await cluster().contact(tenant);
  const { id: conversationId } = await contact.start("hello");
  const longest = "𝄞".repeat(limits.bodyCharacters);
  const { entry } = await contact.command("message:send", { conversationId, clientId: "longest", body: longest });
  expect(entry.body).toBe(longest);
  const refusal = await contact
    .command("message:send", { conversationId, clientId: "too long", body: `${"x".repeat(limits.bodyCharacters)}x` })
    .catch((error: unknown) => error);
  expect((refusal as CommandFailed).error.code).toBe("invalid_payload");
});

test("a REST body beyond the limit is refused with 413, announced or not", async () => {
  const { url } = cluster();
  const announced = await rest(url, "POST", "/auth/login", { body: { email: "x".repeat(2_000_000), password: "x" } });
  expect(announced).toMatchObject({ status: 413, body: { error: { code: "payload_too_large", retryable: false } } });
  const stream = new ReadableStream({
    start: (controller) => {
      for (let i = 0; i < 200; i += 1) controller.enqueue(new TextEncoder().encode("x".repeat(10_000)));
      controller.close();
    },
  });
  const streamed = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: stream,
    duplex: "half",
  } as RequestInit).then(
    ({ status }) => status,
    () => "cut",
  );
  // Refused while it is still being sent, the connection may end before the answer is read.
  expect([413, "cut"]).toContain(streamed);
});

test("bodies and handshakes that never end keep nobody else waiting", async () => {
  const { port } = cluster().list[0]!;
  const tenant = await cluster().tenant();
  for (let i = 0; i < 60; i += 1) {
    const slow = connect(port, "127.0.0.1");
    onTestFinished(() => {
      slow.destroy();
    });
    slow.on("error", () => {});
    await once(slow, "connect");
    if (i % 3 === 0)
      slow.write(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
      );
    else if (i % 3 === 1) slow.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nX-Slow:");
  }
  const contact = await cluster().contact(tenant);
  const { id } = await contact.start("hello");
  expect((await contact.send(id, "I did not wait")).ack).toBeDefined();
  const login = await rest(cluster().url, "POST", "/auth/login", {
    body: { email: "nobody@nowhere.test", password: "wrong" },
  });
  expect(login.status).toBe(401);
});
