import { type Client, createClient } from "../widget-sdk/core/client.ts";
import { timelineKey } from "../widget-sdk/core/state.ts";
import { password, people, shop } from "./demo.ts";

/** What Artillery hands to a function of a scenario. */
type Events = { emit: (kind: "counter" | "histogram", name: string, value: number) => void };
type Context = { vars: { target: string; turns?: number; thinkMs?: number } };

const patienceMs = 20_000;

/** Waits until `look` finds something in the client's state; throws with what was awaited when it does not in time. */
const until = <T>(client: Client, look: () => T | undefined | false, what: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const check = () => {
      const found = look();
      if (found === undefined || found === false) return;
      stop();
      resolve(found);
    };
    const stop = () => {
      clearTimeout(timer);
      leave();
    };
    const timer = setTimeout(() => {
      leave();
      reject(new Error(`no ${what} within ${patienceMs / 1_000} s`));
    }, patienceMs);
    const leave = client.subscribe(check);
    check();
  });

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const online = (client: Client) => until(client, () => client.getState().session.status === "online", "session");

const entriesOf = (client: Client, conversationId: string) =>
  client.getState().timelines[timelineKey(conversationId, "public")]?.entries ?? [];

/** An agent's token by the front door, as the desktop gets one. */
const signIn = async (target: string, email: string): Promise<string> => {
  const response = await fetch(`${target}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (!response.ok) throw new Error(`sign-in was refused with ${response.status}`);
  return ((await response.json()) as { accessToken: string }).accessToken;
};

/** The agents at work, shared by all visitors of this process: one desktop each. */
let desk: Promise<Client<"/agent">[]> | undefined;
const staff = (target: string): Promise<Client<"/agent">[]> =>
  (desk ??= Promise.all(
    people.map(async (email) => {
      let token = await signIn(target, email);
      const agent = createClient({
        url: target,
        namespace: "/agent",
        auth: async ({ fresh }) => {
          if (fresh) token = await signIn(target, email);
          return { accessToken: token };
        },
      });
      agent.connect();
      await online(agent);
      return agent;
    }),
  ));

/** Sends and measures: until the ack at the author, and until it stands in the other's timeline. */
const say = async (events: Events, from: Client, to: Client, conversationId: string, body: string, name: string) => {
  const begun = performance.now();
  const clientId = from.send({ conversationId, body });
  events.emit("counter", "parley.sent", 1);
  const acked = async () => {
    await until(from, () => isAcked(from, clientId), "ack");
    events.emit("counter", "parley.acked", 1);
    events.emit("histogram", "parley.ack_ms", performance.now() - begun);
  };
  const delivered = async () => {
    await until(to, () => entriesOf(to, conversationId).some((entry) => entry.clientId === clientId), "delivery");
    events.emit("histogram", `parley.${name}_ms`, performance.now() - begun);
  };
  await Promise.all([acked(), delivered()]);
  return clientId;
};

const isAcked = (client: Client, clientId: string): boolean => {
  const message = client.getState().outbox.find((one) => one.clientId === clientId);
  if (message?.state === "failed") throw new Error(`a message was refused: ${message.error?.code}`);
  return message === undefined || message.state === "sent";
};

/** How many of the messages a client does not show exactly once, and in how many places its timeline has a gap. */
const faultsOf = (client: Client, conversationId: string, said: string[]): number => {
  const entries = entriesOf(client, conversationId);
  const unsound = said.filter((id) => entries.filter(({ clientId }) => clientId === id).length !== 1).length;
  return unsound + entries.filter(({ seq }, i) => seq !== i + 1).length;
};

let visits = 0;

/** One visit: a visitor comes, asks and is answered some times, at a person's pace, and the agent resolves it. */
export const visit = async (context: Context, events: Events): Promise<void> => {
  const { target, turns = 5, thinkMs = 1_000 } = context.vars;
  // A counter that was never touched is unknown to the budgets.
  events.emit("counter", "parley.lost", 0);
  const agents = await staff(target);
  const agent = agents[visits++ % agents.length]!;
  const contact = createClient({
    url: target,
    namespace: "/widget",
    auth: () => ({ inboxKey: shop }),
    socket: { extraHeaders: { origin: target } },
  });
  let conversationId: string | undefined;
  try {
    let begun = performance.now();
    contact.connect();
    await online(contact);
    events.emit("histogram", "parley.connect_ms", performance.now() - begun);
    begun = performance.now();
    ({ id: conversationId } = await contact.start({ body: "Hello, I have a question about my order." }));
    events.emit("histogram", "parley.start_ms", performance.now() - begun);
    await Promise.all([contact.open(conversationId), agent.open(conversationId)]);

    const said: string[] = [];
    for (let turn = 1; turn <= turns; turn++) {
      said.push(await say(events, contact, agent, conversationId, `Question ${turn}, please`, "delivery"));
      await pause(thinkMs * (0.5 + Math.random()));
      said.push(await say(events, agent, contact, conversationId, `Answer ${turn}, gladly`, "answer"));
      await pause(thinkMs * (0.5 + Math.random()));
    }
    const lost = faultsOf(contact, conversationId, said) + faultsOf(agent, conversationId, said);
    events.emit("counter", "parley.lost", lost);
    await agent.request("conversation:resolve", { conversationId });
  } finally {
    contact.close();
    if (conversationId !== undefined) agent.release(conversationId);
  }
};
