import type { Config } from "../../config.ts";

// What `npm start` prints: a browser keeps logins of `localhost` and of `127.0.0.1` apart.
const ownNames = new Set(["0.0.0.0", "::", "127.0.0.1", "::1"]);

/** The address people reach this Parley at, without a slash at its end. */
export const publicAddress = ({ PUBLIC_URL, HOST, PORT }: Pick<Config, "PUBLIC_URL" | "HOST" | "PORT">): string => {
  if (PUBLIC_URL !== undefined) return PUBLIC_URL.replace(/\/+$/u, "");
  const host = ownNames.has(HOST) ? "localhost" : HOST;
  return `http://${host.includes(":") ? `[${host}]` : host}:${PORT}`;
};

/**
 * A link to a page of the desktop, such as `invitation`. What it carries stands behind the `#`, so that no server, proxy
 * or log on the way ever sees it.
 */
export const linkTo = (
  config: Pick<Config, "PUBLIC_URL" | "HOST" | "PORT">,
  page: string,
  params: Record<string, string> = {},
): string => {
  const query = new URLSearchParams(params).toString();
  return `${publicAddress(config)}/desktop/#/${page}${query && `?${query}`}`;
};
