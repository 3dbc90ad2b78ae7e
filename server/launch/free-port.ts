import { createServer } from "node:net";

/**
 * Whether `port` can be listened on: the port itself (asked for 0: the one the system gave), or the error's code, e.g. EADDRINUSE.
 */
export const tryPort = (port: number, host = "127.0.0.1"): Promise<number | string> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });

/** A port on 127.0.0.1 that nobody listens on right now. */
export const freePort = async (): Promise<number> => {
  const port = await tryPort(0);
  if (typeof port === "string") throw new Error(`Can't listen on 127.0.0.1: ${port}`);
  return port;
};
