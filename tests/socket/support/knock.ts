import { io } from "socket.io-client";
import { ErrorBody, errorCodes } from "../../../server/contract/errors.ts";
import { breachOf } from "./exact.ts";

/** How a handshake went: what the session said it is, or why it was refused. */
export type Answer<R> = { ready: R; refusal?: undefined } | { ready?: undefined; refusal: ErrorBody };

type Knock = {
  namespace: string;
  auth?: unknown;
  origin?: string;
  transport?: "websocket" | "polling";
  headers?: Record<string, string>;
};

/** One handshake with whatever `auth` is, and the connection closed again; a refusal is held against the contract. */
export const knock = async <R = any>(
  url: string,
  { namespace, auth, origin, transport = "websocket", headers }: Knock,
): Promise<Answer<R>> => {
  const socket = io(`${url}${namespace}`, {
    transports: [transport],
    forceNew: true,
    reconnection: false,
    timeout: 5_000,
    auth: (give) => give(auth as object),
    extraHeaders: { ...headers, ...(origin !== undefined && { origin }) },
  });
  try {
    return await new Promise<Answer<R>>((resolve, reject) => {
      socket.on("session:ready", (ready: R) => resolve({ ready }));
      // A refusal closes the connection too, and is told right after.
      socket.io.on("close", (reason) =>
        queueMicrotask(() => reject(new Error(`The connection was closed: ${reason}`))),
      );
      socket.on("connect_error", (error: Error & { data?: ErrorBody }) => {
        if (!error.data) return reject(error);
        const breach = breachOf(ErrorBody, error.data);
        if (breach || error.data.retryable !== errorCodes[error.data.code].retryable)
          return reject(new Error(`The refusal breaks the contract: ${breach ?? JSON.stringify(error.data)}`));
        resolve({ refusal: error.data });
      });
    });
  } finally {
    socket.disconnect();
  }
};
