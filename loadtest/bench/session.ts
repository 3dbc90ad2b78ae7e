import { openWire, type Wire } from "./wire.ts";

/** One Socket.IO session: connected, through its handshake, and told that it is ready. */
export type Session = {
  wire: Wire;
  /** What stands before the data of each packet: nothing, or the namespace and a comma. */
  prefix: string;
  /** What `session:ready` said. */
  ready: Record<string, unknown>;
  /** Sends a command and resolves with the data of its ack; rejects with its error. Not for the measured path. */
  request: <T = Record<string, any>>(command: string, payload: object) => Promise<T>;
};

export type Door = { port: number; namespace: "" | "/widget" | "/agent"; auth: object; origin?: string };

type Answer = { ok: boolean; data?: unknown; error?: { code: string; message: string } };

/** Connects, and resolves once the server has emitted `session:ready`. Rejects with the reason of a refusal. */
export const openSession = ({ port, namespace, auth, origin }: Door): Promise<Session> => {
  const wire = openWire(port, origin);
  const prefix = namespace && `${namespace},`;
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  return new Promise((resolve, reject) => {
    const session: Session = {
      wire,
      prefix,
      ready: {},
      request: (command, payload) =>
        new Promise((done, fail) => {
          lastId += 1;
          waiting.set(lastId, ({ ok, data, error }) =>
            ok ? done(data as never) : fail(new Error(`${command}: ${error?.code} ${error?.message}`)),
          );
          wire.send(`42${prefix}${lastId}${JSON.stringify([command, payload])}`);
        }),
    };
    wire.listen = (bytes, start, end) => {
      const message = bytes.toString("utf8", start, end);
      const kind = message.slice(0, 2);
      const rest = message.slice(2 + prefix.length);
      if (message.startsWith("0{")) wire.send(`40${prefix}${JSON.stringify(auth)}`);
      else if (kind === "44") {
        wire.close();
        reject(new Error(`The handshake was refused: ${rest}`));
      } else if (kind === "42") {
        const [event, data] = JSON.parse(rest) as [string, Record<string, unknown>];
        if (event !== "session:ready") return;
        session.ready = data;
        resolve(session);
      } else if (kind === "43") {
        const bracket = rest.indexOf("[");
        const id = Number(rest.slice(0, bracket));
        const [answer] = JSON.parse(rest.slice(bracket)) as [Answer];
        waiting.get(id)?.(answer);
        waiting.delete(id);
      }
    };
    void wire.closed.then((reason) => reject(new Error(`The handshake failed: ${reason}`)));
  });
};
