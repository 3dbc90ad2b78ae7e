import { io } from "socket.io-client";
import type { Ack } from "../../../server/contract/define.ts";

/** A bare socket that follows nothing by itself and keeps all it is told, `session:ready` first. */
export type Listener = {
  heard: { event: string; payload: any }[];
  ask: (command: string, payload: unknown) => Promise<Ack<any>>;
  /** Resolves when whatever was told so far has arrived: events and answers reach a socket in one order. */
  calm: () => Promise<void>;
};

export const listen = async (
  url: string,
  namespace: "/agent" | "/widget",
  auth: object,
  { origin, atEnd }: { origin?: string; atEnd: (work: () => void) => void },
): Promise<Listener> => {
  const socket = io(`${url}${namespace}`, {
    transports: ["websocket"],
    forceNew: true,
    auth,
    ...(origin !== undefined && { extraHeaders: { origin } }),
  });
  atEnd(() => socket.close());
  const heard: Listener["heard"] = [];
  socket.onAny((event: string, payload: unknown) => heard.push({ event, payload }));
  await new Promise<void>((resolve, reject) => {
    socket.once("session:ready", () => resolve());
    socket.once("connect_error", reject);
  });
  const ask: Listener["ask"] = (command, payload) => socket.timeout(10_000).emitWithAck(command, payload);
  return {
    heard,
    ask,
    calm: async () => {
      await ask("no:such:command", {});
    },
  };
};
