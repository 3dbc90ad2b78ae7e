import { expect, test } from "vitest";
import { useCluster } from "../support/cluster.ts";
import { contactAt } from "../support/people.ts";
import { CommandFailed } from "../support/virtual-client.ts";
import { openRawWebSocket } from "../support/websocket.ts";

const cluster = useCluster({ count: 1 });

const foreign: [string, (origin: string) => string][] = [
  ["another site", () => "https://evil.test"],
  ["the word null", () => "null"],
  ["a subdomain", (origin) => origin.replace("https://", "https://sub.")],
  ["a site that ends like it", (origin) => origin.replace("https://", "https://evil-")],
  ["a site that begins like it", (origin) => `${origin}.evil.test`],
  ["another scheme", (origin) => origin.replace("https:", "http:")],
  ["another port", (origin) => `${origin}:8443`],
  ["itself with a path", (origin) => `${origin}/`],
  ["a user in front", (origin) => origin.replace("https://", "https://x@")],
  ["a star", () => "*"],
  ["two of them", (origin) => `${origin}, https://evil.test`],
];

test.each(foreign)("a widget on %s instead of its inbox's origin is refused for good", async (_title, spoil) => {
  const tenant = await cluster().tenant();
  const contact = contactAt(cluster().url, tenant, { origin: spoil(tenant.inbox.origin) });
  const refusal = await contact.connect().catch((error: unknown) => error);
  contact.close();
  expect(refusal).toBeInstanceOf(CommandFailed);
  expect((refusal as CommandFailed).error).toMatchObject({ code: "permission_denied", retryable: false });
});

test("a widget without an origin is refused, and one with two cannot hide the second", async () => {
  const tenant = await cluster().tenant();
  const socket = await openRawWebSocket(cluster().list[0]!.port);
  socket.text(`40/widget,${JSON.stringify({ inboxKey: tenant.inbox.key })}`);
  const answer = await socket.next((text) => text.startsWith("44/widget,"));
  socket.close();
  expect(JSON.parse(answer.slice(10))).toMatchObject({ data: { code: "permission_denied", retryable: false } });
});

test("the origin of one tenant's inbox opens no other tenant's", async () => {
  const [one, other] = [await cluster().tenant(), await cluster().tenant()];
  const contact = contactAt(cluster().url, one, { origin: other.inbox.origin });
  const refusal = await contact.connect().catch((error: unknown) => error);
  contact.close();
  expect((refusal as CommandFailed).error?.code).toBe("permission_denied");
});

test("an inbox key that does not exist is refused", async () => {
  const tenant = await cluster().tenant();
  const contact = contactAt(cluster().url, tenant, { inboxKey: "no-such-inbox" });
  const refusal = await contact.connect().catch((error: unknown) => error);
  contact.close();
  expect(refusal).toBeInstanceOf(CommandFailed);
  expect((refusal as CommandFailed).error).toMatchObject({ code: "not_found", retryable: false });
});

test("the exact origin is welcome", async () => {
  const tenant = await cluster().tenant();
  const contact = await cluster().contact(tenant);
  expect(contact.ready!.tenant).toMatchObject({ id: tenant.id });
});
