import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import type { AgentCommands } from "../../../server/contract/agent.ts";
import { agentCommands, agentEvents } from "../../../server/contract/agent.ts";
import type { Commands, DataOf } from "../../../server/contract/define.ts";
import type { Audience, Entry } from "../../../server/contract/entities.ts";
import { ErrorBody, errorCodes } from "../../../server/contract/errors.ts";
import type { WidgetCommands } from "../../../server/contract/widget.ts";
import { widgetCommands, widgetEvents } from "../../../server/contract/widget.ts";
import type { Person } from "../../support/people.ts";
import { CommandFailed } from "../../support/virtual-client.ts";
import type { VirtualClient } from "../../support/virtual-client.ts";
import { breachOf } from "./exact.ts";

/** Every command of both namespaces; those that both have answer alike. */
export type AllCommands = WidgetCommands & Omit<AgentCommands, keyof WidgetCommands>;
export type CommandName = keyof AllCommands;
type Data<K extends CommandName> = DataOf<AllCommands[K]>;

/** What the contract says of the namespace somebody is connected to. */
export const contractOf = ({ options }: VirtualClient) =>
  options.namespace === "/widget"
    ? { commands: widgetCommands as Commands, events: widgetEvents }
    : { commands: agentCommands as Commands, events: agentEvents };

/** One command, once; its answer is held against the contract. Throws CommandFailed when it is refused. */
export const ask = async <K extends CommandName>(
  person: VirtualClient,
  command: K,
  payload: Record<string, unknown>,
): Promise<Data<K>> => {
  const data = await person.command<Data<K>>(command, payload, 10_000);
  const breach = breachOf(contractOf(person).commands[command]!.data, data);
  if (breach) throw new Error(`The answer to ${command} breaks the contract: ${breach}`);
  return data;
};

/** The refusal of a command that must not be carried out, held against the contract. */
export const refused = async (answer: Promise<unknown>): Promise<ErrorBody> => {
  const error = await answer.then(
    (data) => new Error(`It should have been refused, but was answered ${JSON.stringify(data)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof CommandFailed)) throw error;
  const breach = breachOf(ErrorBody, error.error);
  if (breach) throw new Error(`The refusal breaks the contract: ${breach}`);
  if (error.error.retryable !== errorCodes[error.error.code].retryable)
    throw new Error(`${error.error.code} says retryable: ${String(error.error.retryable)}`);
  return error.error;
};

/** The code of a refusal: the shortest thing to expect. */
export const codeOf = async (answer: Promise<unknown>): Promise<string> => (await refused(answer)).code;

/** Sends a message as it is written here, once. */
export const say = async (
  person: VirtualClient,
  conversationId: string,
  body: string,
  more: { audience?: Audience; clientId?: string; replyToSeq?: number; seenSeq?: number } = {},
): Promise<Entry> => {
  const { entry } = await ask(person, "message:send", { conversationId, clientId: randomUUID(), body, ...more });
  return entry;
};

/** A further socket of the same person, closed with the test. */
export const anotherSocket = async (person: Person): Promise<VirtualClient> => {
  const socket = person.again();
  onTestFinished(() => socket.close());
  await socket.connect();
  return socket;
};

/** What a socket that has seen nothing yet is shown of a conversation. */
export const look = async (person: Person, conversationId: string): Promise<Data<"conversation:open">> => {
  const socket = await anotherSocket(person);
  const opened = await ask(socket, "conversation:open", { conversationId, limit: 100 });
  socket.close();
  return opened;
};
