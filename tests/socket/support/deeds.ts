import { randomUUID } from "node:crypto";
import { openSession } from "../../support/tenant.ts";
import type { Company } from "../../support/company.ts";
import { ask, say } from "./ask.ts";
import type { CommandName } from "./ask.ts";
import { idOf } from "./world.ts";
import type { World } from "./world.ts";

export type Deed = (world: World, company: Company) => Promise<unknown>;

const note = { audience: "internal" } as const;

const start = ({ contact }: World, more: object = {}) =>
  ask(contact, "conversation:start", { clientId: randomUUID(), ...more });

/** At least one deed for every command that is declared: one without does not compile. */
export const deeds: Record<CommandName, Record<string, Deed>> = {
  "conversation:start": {
    "a contact starts another": (w) => start(w, { body: "one more", subject: "Socks" }),
    "a contact starts one without a word": (w) => start(w),
  },
  "conversation:list": { "somebody lists": ({ agent }) => ask(agent, "conversation:list", { view: "mine" }) },
  "conversation:open": {
    "somebody opens": ({ colleague, held }) => ask(colleague, "conversation:open", { conversationId: held }),
  },
  "conversation:sync": {
    "somebody syncs": ({ contact, held }) =>
      ask(contact, "conversation:sync", { cursors: [{ conversationId: held, audience: "public", afterSeq: 0 }] }),
  },
  "conversation:history": {
    "somebody pages back": ({ agent, held }) =>
      ask(agent, "conversation:history", { conversationId: held, audience: "internal", beforeSeq: 2 }),
  },
  "message:send": {
    "a contact writes": ({ contact, held }) => say(contact, held, "and now?"),
    "a contact writes twice the same": async ({ contact, held }) => {
      await say(contact, held, "and now?", { clientId: "same" });
      await say(contact, held, "and now?", { clientId: "same" });
    },
    "a contact writes in the queue": ({ contact, queued }) => say(contact, queued, "anybody?"),
    "a contact writes into what is resolved": ({ contact, resolved }) => say(contact, resolved, "not quite"),
    "an agent replies": ({ agent, held }) => say(agent, held, "like this", { replyToSeq: 4 }),
    "an agent replies to what nobody holds": ({ colleague, queued }) => say(colleague, queued, "here I am"),
    "a full agent replies to what nobody holds": ({ full, queued }) => say(full, queued, "a moment"),
    "an agent replies to what is resolved": ({ agent, resolved }) => say(agent, resolved, "one more thing"),
    "a colleague replies to what another holds": ({ colleague, held }) => say(colleague, held, "may I?"),
    "an agent notes": ({ agent, held }) => say(agent, held, "difficult", note),
    "a supervisor notes where nobody answered yet": ({ supervisor, queued }) => say(supervisor, queued, "hm", note),
    "an agent of no department replies": ({ outsider, lent }) => say(outsider, lent, "my part"),
  },
  "message:edit": {
    "a contact edits their last words": ({ contact, held }) =>
      ask(contact, "message:edit", { conversationId: held, seq: 4, body: "like that?" }),
    "a contact edits their first words": ({ contact, held }) =>
      ask(contact, "message:edit", { conversationId: held, seq: 1, body: "good morning" }),
    "an agent edits a note": ({ agent, held }) =>
      ask(agent, "message:edit", { conversationId: held, ...note, seq: 1, body: "a better note" }),
    "a supervisor edits an agent's words in what is resolved": ({ supervisor, resolved }) =>
      ask(supervisor, "message:edit", { conversationId: resolved, seq: 3, body: "done" }),
  },
  "message:delete": {
    "a contact deletes their last words": ({ contact, held }) =>
      ask(contact, "message:delete", { conversationId: held, seq: 4 }),
    "an agent deletes what the contact has not read": async ({ agent, held }) => {
      const { seq } = await say(agent, held, "oops");
      await ask(agent, "message:delete", { conversationId: held, seq });
    },
    "a colleague deletes a note": ({ colleague, held }) =>
      ask(colleague, "message:delete", { conversationId: held, ...note, seq: 2 }),
    "somebody deletes what was edited and reacted to": async ({ contact, agent, held }) => {
      await ask(contact, "message:edit", { conversationId: held, seq: 4, body: "like that?" });
      await ask(agent, "message:react", { conversationId: held, seq: 4, emoji: "👍" });
      await ask(contact, "message:delete", { conversationId: held, seq: 4 });
    },
  },
  "message:react": {
    "a contact reacts": ({ contact, held }) =>
      ask(contact, "message:react", { conversationId: held, seq: 3, emoji: "👍" }),
    "an agent reacts to the last words, and takes it off": async ({ agent, colleague, held }) => {
      await ask(agent, "message:react", { conversationId: held, seq: 4, emoji: "👍" });
      await ask(colleague, "message:react", { conversationId: held, seq: 4, emoji: "👍" });
      await ask(agent, "message:react", { conversationId: held, seq: 4, emoji: "👍", remove: true });
    },
    "an agent reacts to a note": ({ agent, held }) =>
      ask(agent, "message:react", { conversationId: held, ...note, seq: 2, emoji: "🎉" }),
  },
  "typing:set": {
    "a contact types": ({ contact, held }) => ask(contact, "typing:set", { conversationId: held, typing: true }),
  },
  "receipt:record": {
    "a contact reads": ({ contact, resolved }) =>
      ask(contact, "receipt:record", { conversationId: resolved, readSeq: 3 }),
    "an agent reads a part": ({ agent, held }) => ask(agent, "receipt:record", { conversationId: held, readSeq: 2 }),
    "an agent reads all": async ({ agent, held }) => {
      await ask(agent, "receipt:record", { conversationId: held, readSeq: 4 });
      await ask(agent, "receipt:record", { conversationId: held, ...note, readSeq: 2 });
    },
    "a supervisor reads": ({ supervisor, held }) =>
      ask(supervisor, "receipt:record", { conversationId: held, readSeq: 4 }),
    "a device holds it": ({ contact, held }) =>
      ask(contact, "receipt:record", { conversationId: held, deliveredSeq: 4 }),
  },
  "conversation:resolve": {
    "an agent resolves": ({ agent, held }) => ask(agent, "conversation:resolve", { conversationId: held }),
    "a contact resolves": ({ contact, held }) => ask(contact, "conversation:resolve", { conversationId: held }),
    "somebody resolves what nobody has taken": ({ agent, queued }) =>
      ask(agent, "conversation:resolve", { conversationId: queued }),
    "somebody resolves what an agent of no department holds": ({ supervisor, lent }) =>
      ask(supervisor, "conversation:resolve", { conversationId: lent }),
  },
  "conversation:reopen": {
    "a colleague reopens": ({ colleague, resolved }) =>
      ask(colleague, "conversation:reopen", { conversationId: resolved }),
    "an agent reopens and answers": async ({ agent, resolved }) => {
      await ask(agent, "conversation:reopen", { conversationId: resolved });
      await say(agent, resolved, "once more");
    },
  },
  "conversation:assign": {
    "an agent takes": ({ colleague, queued }) => ask(colleague, "conversation:assign", { conversationId: queued }),
    "an agent gives it to a colleague with a note": ({ agent, colleague, held }) =>
      ask(agent, "conversation:assign", { conversationId: held, agentId: idOf(colleague), note: "yours" }),
    "a supervisor who has read all gives it to a colleague": async ({ supervisor, colleague, held }) => {
      await ask(supervisor, "receipt:record", { conversationId: held, readSeq: 4 });
      await ask(supervisor, "conversation:assign", { conversationId: held, agentId: idOf(colleague) });
    },
    "a colleague takes over": ({ colleague, held }) =>
      ask(colleague, "conversation:assign", { conversationId: held, expectedVersion: 2 }),
    "an agent puts it back": ({ agent, held }) =>
      ask(agent, "conversation:assign", { conversationId: held, agentId: null }),
    "it is given to somebody of no department": ({ agent, outsider, queued }) =>
      ask(agent, "conversation:assign", { conversationId: queued, agentId: idOf(outsider) }),
    "it is taken from somebody of no department": ({ colleague, lent }) =>
      ask(colleague, "conversation:assign", { conversationId: lent, expectedVersion: 2 }),
    "an agent puts it into another department's queue": ({ agent, elsewhere, held }) =>
      ask(agent, "conversation:assign", { conversationId: held, departmentId: elsewhere }),
    "a supervisor takes what is offered to somebody": ({ supervisor, offered }) =>
      ask(supervisor, "conversation:assign", { conversationId: offered }),
    "somebody of no department puts it back": ({ outsider, lent }) =>
      ask(outsider, "conversation:assign", { conversationId: lent, agentId: null }),
  },
  "conversation:transfer": {
    "an agent hands it to a colleague with a note": ({ agent, colleague, held }) =>
      ask(agent, "conversation:transfer", { conversationId: held, agentId: idOf(colleague), note: "yours" }),
    "an agent hands it to another department": ({ agent, elsewhere, held }) =>
      ask(agent, "conversation:transfer", { conversationId: held, departmentId: elsewhere, note: "not ours" }),
    "a colleague hands on what nobody holds": ({ colleague, elsewhere, queued }) =>
      ask(colleague, "conversation:transfer", { conversationId: queued, departmentId: elsewhere }),
    "a supervisor hands it to an agent of another department": ({ supervisor, specialist, elsewhere, held }) =>
      ask(supervisor, "conversation:transfer", {
        conversationId: held,
        agentId: idOf(specialist),
        departmentId: elsewhere,
      }),
    "what is offered is handed to another department": ({ supervisor, tenant, offered }) =>
      ask(supervisor, "conversation:transfer", { conversationId: offered, departmentId: tenant.departmentId }),
    "somebody of no department hands it to one": ({ outsider, elsewhere, lent }) =>
      ask(outsider, "conversation:transfer", { conversationId: lent, departmentId: elsewhere }),
  },
  "offer:accept": {
    "an agent accepts": ({ specialist, offered }) => ask(specialist, "offer:accept", { conversationId: offered }),
  },
  "offer:decline": {
    "an agent declines": ({ specialist, offered }) =>
      ask(specialist, "offer:decline", { conversationId: offered, reason: "lunch" }),
  },
  "presence:set": {
    "an agent leaves one of their devices": ({ agent }) => ask(agent, "presence:set", { presence: "idle" }),
  },
  "availability:set": {
    "an agent goes away": ({ agent }) => ask(agent, "availability:set", { availability: "away" }),
    "an agent comes back": async ({ agent }) => {
      await ask(agent, "availability:set", { availability: "away" });
      await ask(agent, "availability:set", { availability: "available" });
    },
  },
  "session:renew": {
    "an agent renews": async ({ tenant, agent }, { superuser }) =>
      ask(agent, "session:renew", { accessToken: await openSession(superuser, tenant, tenant.agents[0]!) }),
  },
};

/** Deeds in conversations that nobody else has opened: told at healing's pace. */
export const laterDeeds: Record<string, Deed> = {
  "a contact starts one that an agent answers twice": async (w) => {
    const { conversation } = await start(w, { body: "one more" });
    await say(w.agent, conversation.id, "yes?");
    await say(w.agent, conversation.id, "hello?");
  },
  "a contact writes in what was taken from somebody of no department": async ({ contact, colleague, lent }) => {
    await ask(colleague, "conversation:assign", { conversationId: lent, expectedVersion: 2 });
    await say(contact, lent, "hello?");
    await say(colleague, lent, "yes?");
  },
};
