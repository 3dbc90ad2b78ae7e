import { fetchJson, fetchRoute, RestError, type Answer, type Input, type RouteName } from "./rest.ts";
import { renewAccess, useSession } from "./session-store.ts";

/** Runs `call` with the token held, and once more with a fresh one when that has run out. */
const withToken = async <T>(call: (accessToken: string) => Promise<T>): Promise<T> => {
  const session = useSession.getState();
  if (session.phase !== "signed_in") throw new RestError(401, "unauthenticated", "You are signed out.", false);
  try {
    return await call(session.login.accessToken);
  } catch (error) {
    if (!(error instanceof RestError && error.status === 401)) throw error;
    return call(await renewAccess(session.login));
  }
};

/** Calls a route as whoever is signed in. Throws RestError. */
export const ask = <N extends RouteName>(name: N, input: Input<N>, signal?: AbortSignal): Promise<Answer<N>> =>
  withToken((accessToken) => fetchJson(name, input, accessToken, signal));

/** The same for an answer that is a file: gives its contents. */
export const askFile = <N extends RouteName>(name: N, input: Input<N>): Promise<Blob> =>
  withToken(async (accessToken) => (await fetchRoute(name, input, accessToken)).blob());

/** `body.owner.firstName: must not be empty` as people read it: `Owner first name must not be empty.` */
const inWords = (message: string): string => {
  const [, path, said] = /^(?:body|query|params)\.([\w.]+): (.+)$/su.exec(message) ?? [];
  if (path === undefined || said === undefined) return message;
  const words = path
    .replaceAll(/\.\d+(?=\.|$)/gu, "")
    .replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll(".", " ");
  const field = words.slice(0, 1).toUpperCase() + words.slice(1);
  return `${field}${/^[a-z]/u.test(said) ? "" : ":"} ${said}${/[.!?]$/u.test(said) ? "" : "."}`;
};

/** What to tell a person about a refused request. */
export const sentenceOf = (error: unknown): string =>
  error instanceof RestError ? inWords(error.message) : "Something went wrong in this page. Reload it and try again.";
