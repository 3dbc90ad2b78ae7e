import type { Ack } from "../../../server/contract/define.ts";
import { opcode, openRawWebSocket } from "../../support/websocket.ts";
import type { RawWebSocket } from "../../support/websocket.ts";

export type Namespace = "/widget" | "/agent";

const infinity = "\u0007infinity";
const noNumbers: Record<string, string> = { [`"\\u0007infinity"`]: "1e999", [`"-\\u0007infinity"`]: "-1e999" };

/** JSON, but for infinite numbers: they are written as a number no double can hold, which parsers read as infinite. */
const encode = (value: unknown): string => {
  const mark = (_key: string, one: unknown) => (one === Infinity ? infinity : one === -Infinity ? `-${infinity}` : one);
  const text = JSON.stringify(value, mark);
  return Object.entries(noNumbers).reduce((json, [marked, number]) => json.replaceAll(marked, number), text);
};

/** A session past its handshake, on a bare WebSocket: whatever a library would never send can be sent. */
export class RawSession {
  readonly socket: RawWebSocket;
  readonly namespace: Namespace;
  /** How many answers each command got, by its id. */
  readonly answers = new Map<number, number>();
  #id = 0;

  private constructor(socket: RawWebSocket, namespace: Namespace) {
    this.socket = socket;
    this.namespace = namespace;
  }

  static async open(url: string, namespace: Namespace, auth: object, origin?: string): Promise<RawSession> {
    const socket = await openRawWebSocket(Number(new URL(url).port), origin === undefined ? {} : { Origin: origin });
    const read = socket.read.bind(socket);
    socket.read = (chunk) => {
      read(chunk);
      // Whoever is told that it is over leaves, as every WebSocket client does.
      if (socket.frames.at(-1)?.opcode === opcode.close) socket.close();
    };
    socket.text(`40${namespace},${JSON.stringify(auth)}`);
    await socket.next((text) => text.startsWith(`42${namespace},["session:ready"`));
    return new RawSession(socket, namespace);
  }

  /** A packet's arguments as they are, after the event's name. */
  packet(name: unknown, args: unknown[], id: number | "" = ""): string {
    return `42${this.namespace},${id}${encode([name, ...args])}`;
  }

  /** Sends a command that wants no answer. */
  tell(name: unknown, ...args: unknown[]): void {
    this.socket.text(this.packet(name, args));
  }

  /** Sends a command and waits for its answer; throws when the connection ends instead. */
  ask(name: unknown, ...args: unknown[]): Promise<Ack<any>> {
    const id = this.nextId();
    this.socket.text(this.packet(name, args, id));
    return this.answer(id);
  }

  nextId(): number {
    return (this.#id += 1);
  }

  async answer(id: number): Promise<Ack<any>> {
    const start = `43${this.namespace},${id}[`;
    const text = await this.socket.next((frame) => frame.startsWith(start));
    // What was read is counted and forgotten, so that many thousand answers are no slower than one.
    for (const { payload } of this.socket.frames.splice(0)) {
      const [, answered] = /^43\/\w+,(\d+)\[/u.exec(payload.toString()) ?? [];
      if (answered !== undefined) this.answers.set(Number(answered), (this.answers.get(Number(answered)) ?? 0) + 1);
    }
    return JSON.parse(text.slice(start.length - 1))[0];
  }
}
