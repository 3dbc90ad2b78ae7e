import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import type pg from "pg";
import type { LoginData } from "../../server/contract/admin.ts";
import type { Conversation } from "../../server/contract/entities.ts";
import { demoIdentitySecret, demoPassword } from "../../db/seed.ts";
import { rest } from "../support/people.ts";
import { VirtualClient } from "../support/virtual-client.ts";

/** One thing that is said: by the contact, by the agent who holds the conversation, or among agents. */
type Line = { by: "contact" | "agent" | "note"; body: string; minutesAgo: number };

type Thread = {
  id: string;
  name: string;
  email: string;
  /** Absent: it waits in the queue. */
  agent?: "agent@acme.test" | "agent2@acme.test";
  resolved?: true;
  lines: Line[];
};

/** What stands on the desktop beside the conversation that is told live. */
const threads: Thread[] = [
  {
    id: "jonas",
    name: "Jonas Weber",
    email: "jonas.weber@example.com",
    agent: "agent@acme.test",
    resolved: true,
    lines: [
      { by: "contact", body: "My invoice shows the old company address.", minutesAgo: 190 },
      { by: "agent", body: "I have corrected it and sent you a new one.", minutesAgo: 184 },
      { by: "contact", body: "Got it, that was quick. Thank you!", minutesAgo: 181 },
    ],
  },
  {
    id: "hana",
    name: "Hana Sato",
    email: "hana@example.com",
    agent: "agent2@acme.test",
    lines: [
      { by: "contact", body: "My rubber fig drops its leaves. Is it dying?", minutesAgo: 96 },
      { by: "agent", body: "No, it sulks. Move it away from the radiator.", minutesAgo: 88 },
    ],
  },
  {
    id: "tomas",
    name: "Tomás Herrera",
    email: "tomas.herrera@example.com",
    agent: "agent@acme.test",
    lines: [
      { by: "contact", body: "Can I still change the delivery address of order 20871?", minutesAgo: 41 },
      { by: "agent", body: "Yes, it leaves our warehouse tomorrow. Where should it go?", minutesAgo: 37 },
      { by: "note", body: "Warehouse says: label is printed tonight at 18:00.", minutesAgo: 35 },
    ],
  },
  {
    id: "priya",
    name: "Priya Raman",
    email: "priya@example.com",
    agent: "agent@acme.test",
    lines: [
      { by: "contact", body: "Is the tall monstera back in stock?", minutesAgo: 22 },
      { by: "agent", body: "On Thursday. Shall I put one aside for you?", minutesAgo: 17 },
      { by: "contact", body: "Yes please, with the clay pot.", minutesAgo: 12 },
    ],
  },
  {
    id: "lukas",
    name: "Lukas Novak",
    email: "lukas.novak@example.com",
    lines: [{ by: "contact", body: "The discount code from your newsletter does not work.", minutesAgo: 4 }],
  },
];

/** The token that the shop's backend would sign for somebody who is signed in there. */
export const shopToken = (sub: string, name: string, email: string): string =>
  jwt.sign({ sub, name, email }, demoIdentitySecret, { algorithm: "HS256", expiresIn: "5m" });

const connected = async (options: Pick<VirtualClient["options"], "name" | "url" | "namespace" | "auth" | "origin">) => {
  const client = new VirtualClient({ ...options, tenantId: "acme" });
  await client.connect();
  return client;
};

/** A shop's customer, in their widget. */
export const customerAt = (url: string, { id, name, email }: Pick<Thread, "id" | "name" | "email">) =>
  connected({
    name,
    url,
    namespace: "/widget",
    origin: url,
    auth: () => ({ inboxKey: "demo-acme", identityToken: shopToken(id, name, email) }),
  });

/** A demo agent, signed in. */
export const demoAgentAt = async (url: string, email: string): Promise<VirtualClient> => {
  const { body } = await rest<LoginData>(url, "POST", "/auth/login", { body: { email, password: demoPassword } });
  return connected({ name: email, url, namespace: "/agent", auth: () => ({ accessToken: body.accessToken }) });
};

const tell = async (url: string, agents: Map<string, VirtualClient>, thread: Thread): Promise<[string, Line[]]> => {
  const customer = await customerAt(url, thread);
  const [first, ...others] = thread.lines;
  const { conversation } = await customer.insist<{ conversation: Conversation }>("conversation:start", {
    clientId: randomUUID(),
    body: first!.body,
  });
  const { id: conversationId } = conversation;
  const agent = thread.agent === undefined ? undefined : agents.get(thread.agent);
  await agent?.insist("conversation:assign", { conversationId });
  for (const { by, body } of others) {
    const message = { conversationId, clientId: randomUUID(), body };
    if (by === "note") await agent?.insist("message:send", { ...message, audience: "internal" });
    else {
      const author = by === "contact" ? customer : agent;
      const { headSeq } = await author!.insist<{ headSeq: number }>("message:send", message);
      // Whoever answers or resolves has read what came before.
      if (by === "agent" || thread.resolved)
        await agent!.insist("receipt:record", { conversationId, deliveredSeq: headSeq, readSeq: headSeq });
    }
  }
  if (thread.resolved) await agent?.insist("conversation:resolve", { conversationId });
  customer.close();
  return [conversationId, thread.lines];
};

/** Moves what was just said to when it is supposed to have been said. */
const backdate = async (owner: pg.Pool, conversationId: string, lines: Line[]): Promise<void> => {
  const ago = (minutes: number) => `now() - interval '${minutes} minutes'`;
  const first = lines[0]!.minutesAgo;
  const last = lines.at(-1)!.minutesAgo;
  for (const { body, minutesAgo } of lines)
    await owner.query(
      `UPDATE entries SET created_at = ${ago(minutesAgo)} WHERE conversation_id = $1 AND kind = 'message' AND body = $2`,
      [conversationId, body],
    );
  await owner.query(
    `UPDATE entries SET created_at = ${ago(first)} WHERE conversation_id = $1 AND kind = 'activity'
       AND activity->>'type' <> 'resolved'`,
    [conversationId],
  );
  await owner.query(
    `UPDATE conversations SET created_at = ${ago(first)}, updated_at = ${ago(last)},
       active_bucket = active_bucket - $2::int * 6,
       queued_at = CASE WHEN queued_at IS NULL THEN NULL ELSE ${ago(first)} END,
       waiting_since = CASE WHEN waiting_since IS NULL THEN NULL ELSE ${ago(last)} END,
       first_response_at = CASE WHEN first_response_at IS NULL THEN NULL ELSE ${ago(lines[1]?.minutesAgo ?? 0)} END
     WHERE id = $1`,
    [conversationId, last],
  );
};

/** Plays everything that has happened today before the pictures are taken. `owner` sees across tenants. */
export const playStory = async (url: string, owner: pg.Pool): Promise<void> => {
  // Who answers what is up to the story.
  await owner.query("UPDATE departments SET strategy = 'manual'");
  const emails = ["agent@acme.test", "agent2@acme.test"];
  const agents = new Map<string, VirtualClient>();
  for (const email of emails) agents.set(email, await demoAgentAt(url, email));
  for (const thread of threads) {
    const [conversationId, lines] = await tell(url, agents, thread);
    await backdate(owner, conversationId, lines);
  }
  for (const agent of agents.values()) agent.close();
};
