import { afterEach } from "vitest";
import { createClient } from "../../widget-sdk/core/client.ts";
import type { Client, ClientOptions, ClientState } from "../../widget-sdk/core/client.ts";
import { entriesOf } from "../../widget-sdk/core/view.ts";
import { StandIn } from "./stand-in.ts";

const closing: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

export const standIn = async (): Promise<StandIn> => {
  const server = await StandIn.listen();
  closing.push(() => server.close());
  return server;
};

/** A connected visitor whose client comes back fast. `visitorToken` names the person: two with one are two tabs. */
export const visitor = (
  server: StandIn,
  visitorToken: string,
  options: Partial<ClientOptions<"/widget">> = {},
): Client<"/widget"> => {
  const client = createClient({
    url: server.url,
    namespace: "/widget",
    auth: () => ({ inboxKey: "demo", visitorToken }),
    socket: { reconnectionDelay: 20, reconnectionDelayMax: 50 },
    ...options,
  });
  closing.push(() => client.close());
  client.connect();
  return client;
};

/** Resolves as soon as the state holds what `find` looks for; the test's own timeout bounds it. */
export const until = <T>(client: Client<"/widget">, find: (state: ClientState) => T | undefined | false): Promise<T> =>
  new Promise((resolve) => {
    const look = () => {
      const found = find(client.getState());
      if (found === undefined || found === false) return;
      stop();
      resolve(found);
    };
    const stop = client.subscribe(look);
    look();
  });

export const online = (client: Client<"/widget">) =>
  until(client, ({ session }) => session.status === "online" && session);

export const bodies = (client: Client<"/widget">, conversationId: string) =>
  entriesOf(client.getState(), conversationId).map(({ body }) => body);

/** Waits until the client shows exactly these, in this order. */
export const shows = (client: Client<"/widget">, conversationId: string, expected: string[]) =>
  until(client, () => bodies(client, conversationId).join("|") === expected.join("|"));
