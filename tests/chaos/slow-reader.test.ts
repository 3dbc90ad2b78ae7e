import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { startProxy } from "../support/proxy.ts";
import { eventually } from "../support/wait.ts";

test("a client that does not read is cut off before it costs memory, and catches up when it reads again", async () => {
  const cluster = await startCluster({
    count: 1,
    // Patient heartbeats: it is not silence that gives this client away, but what piles up for it.
    env: { SOCKET_BUFFER_BYTES: "65536", PING_INTERVAL_MS: "60000", PING_TIMEOUT_MS: "60000" },
  });
  const [node] = cluster.list;
  const tenant = await cluster.tenant();
  const contact = await cluster.contact(tenant);
  const { id } = await contact.start("hello");
  const line = await startProxy({ host: "127.0.0.1", port: node!.port });
  try {
    const reader = await cluster.agent(tenant, { at: { url: `http://127.0.0.1:${line.port}` } });
    await reader.open(id);
    line.pause();
    const metrics = async () => (await fetch(`${node!.url}/metrics`)).text();
    const isCutOff = async () => {
      // What the kernel takes for the reader is beyond the node's sight, so there has to be a lot.
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          contact.command(
            "message:send",
            {
              conversationId: id,
              clientId: `${Date.now()}-${i}`,
              body: `${tenant.id} ${"x".repeat(9_000)}`,
            },
            20_000,
          ),
        ),
      );
      return /^parley_slow_consumers_total [1-9]/mu.test(await metrics());
    };
    expect(await eventually(isCutOff, "the reader was cut off", { ms: 60_000, everyMs: 1 })).toBe(true);
    line.heal();
    line.cut();
    expect((await contact.send(id, "welcome back")).ack).toBeDefined();
    expect(await cluster.verdict()).toContain("Nothing was lost");
  } finally {
    await line.close();
  }
});
