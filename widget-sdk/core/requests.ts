import type { Socket } from "socket.io-client";
import type { Ack } from "../../server/contract/define.ts";
import { ParleyError, unavailable } from "./errors.ts";
import type { Session } from "./state.ts";
import type { CommandName, Data, Namespace, Payload } from "./wire.ts";

const defaultTimeoutMs = 10_000;

export type Request<N extends Namespace> = <C extends CommandName<N>>(
  command: C,
  payload: Payload<N, C>,
  options?: { timeoutMs?: number },
) => Promise<Data<N, C>>;

/** Any command, for the parts of the client that speak what both namespaces share. */
export type AnyRequest = (command: string, payload: object, options?: { timeoutMs?: number }) => Promise<any>;

/**
 * Commands over one socket. A command waits for the session to be ready, within its own time; nothing is written to a
 * socket that is not ready, so nothing is sent twice behind the caller's back.
 */
export const createRequests = (socket: Socket, session: () => Session) => {
  let waiting: { go: () => void; fail: (error: ParleyError) => void }[] = [];

  const emit = (command: string, payload: object, timeoutMs: number) =>
    new Promise<unknown>((resolve, reject) => {
      socket.timeout(timeoutMs).emit(command, payload, (lost: Error | null, ack: Ack<unknown>) => {
        if (lost) reject(unavailable("The server did not answer in time"));
        else if (ack?.ok) resolve(ack.data);
        else reject(ack?.error ? new ParleyError(ack.error) : unavailable("The server's answer could not be read"));
      });
    });

  const ended = () => {
    const { error, endedReason } = session();
    return error
      ? new ParleyError({ ...error, retryable: false })
      : new ParleyError({
          code: "unauthenticated",
          message: `The session has ended: ${endedReason ?? "closed"}`,
          retryable: false,
        });
  };

  const ready = (timeoutMs: number) =>
    new Promise<number>((resolve, reject) => {
      const since = Date.now();
      const timer = setTimeout(() => {
        waiting = waiting.filter((waiter) => waiter !== entry);
        reject(unavailable("Not connected"));
      }, timeoutMs);
      const entry = {
        go: () => {
          clearTimeout(timer);
          resolve(Math.max(1, timeoutMs - (Date.now() - since)));
        },
        fail: (error: ParleyError) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      waiting.push(entry);
    });

  const request: AnyRequest = async (command, payload, { timeoutMs = defaultTimeoutMs } = {}) => {
    const { status } = session();
    if (status === "online" && socket.connected) return emit(command, payload, timeoutMs);
    if (status === "ended") throw ended();
    return emit(command, payload, await ready(timeoutMs));
  };

  /** Called after every change of the session's status. */
  const settle = () => {
    const { status } = session();
    if (waiting.length === 0 || (status !== "online" && status !== "ended")) return;
    const now = waiting;
    waiting = [];
    for (const waiter of now) {
      if (status === "online") waiter.go();
      else waiter.fail(ended());
    }
  };

  return { request, settle };
};
