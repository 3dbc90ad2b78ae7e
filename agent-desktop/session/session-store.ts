import { create } from "zustand";
import type { LoginData } from "../../server/contract/admin.ts";
import type { Impersonation } from "../../server/contract/platform-routes.ts";
import {
  browserOwner,
  isSameOwner,
  ownerKey,
  ownerOf,
  setBrowserOwner,
  setTabOwner,
  tabOwner,
  type Owner,
} from "./owner.ts";
import { goTo } from "./page.ts";
import { fetchJson, RestError, type Input } from "./rest.ts";

export type Credentials = { email: string; password: string };

/** One of Parley's staff in a member's place. `own` is their own login, which waits for their return. */
export type Acting = { impersonation: Impersonation; own: LoginData };

/** Where the person stands. The access token lives here and nowhere else: a reload gets a new one by the cookie. */
export type SessionPhase =
  | { phase: "starting" }
  | { phase: "unreachable"; message: string }
  /** `as` is who they were in this tab and mean to be again. */
  | { phase: "signed_out"; notice?: string; as?: Owner }
  | { phase: "choosing"; login: LoginData }
  | { phase: "signed_in"; login: LoginData; acting?: Acting }
  /** Another tab made the browser's one cookie `now`'s. This tab was `own`'s, and is nobody's until the person chooses. */
  | { phase: "replaced"; own: Owner; now: Owner };

export const useSession = create<SessionPhase>(() => ({ phase: "starting" }));

const actingOf = (state: SessionPhase): Acting | undefined => (state.phase === "signed_in" ? state.acting : undefined);

/** In whose place one works, and for how long; undefined in one's own name. */
export const useActing = (): Impersonation | undefined => useSession((state) => actingOf(state)?.impersonation);

/** Whose drafts, unsent messages and connection a session has: one person in one workspace, or one time in their place. */
export const sessionOwner = ({ login, acting }: Extract<SessionPhase, { phase: "signed_in" }>): string =>
  acting?.impersonation.id ?? ownerKey(login);

/** Loads the page again, for somebody else: nothing of whoever was here before is left in it. */
const beginAnew = (owner: Owner) => {
  setTabOwner(owner);
  // A conversation that was open was theirs, and not this one's.
  if (location.hash.startsWith("#c=")) goTo("", { replace: true });
  // Not before whoever asked has turned to another page.
  setTimeout(() => location.reload());
};

/** In whose own name this page has worked since it was loaded. */
let served: Owner | null = null;

const enter = (state: SessionPhase) => {
  if (state.phase === "signed_in" && !state.acting) {
    // Without storage a page that is loaded again is nobody's.
    if (served && !isSameOwner(served, state.login) && browserOwner()) return beginAnew(state.login);
    served = ownerOf(state.login);
    setTabOwner(state.login);
  }
  useSession.setState(state, true);
};

/**
 * One change of the cookie at a time over all tabs, since each makes the one before it worthless. Whom it is for by then is
 * written down before the next one may begin.
 */
const alone = (ask: (signal: AbortSignal) => Promise<LoginData>, patienceMs = 30_000): Promise<LoginData> => {
  const change = async () => {
    // What hangs longer would keep all other tabs waiting.
    const login = await ask(AbortSignal.timeout(patienceMs));
    setBrowserOwner(login);
    return login;
  };
  return navigator.locks ? navigator.locks.request("parley:refresh", change) : change();
};

/** A cookie whose successor got lost on the way is good for ten more seconds, and whoever shows it later is signed out. */
const refreshPatienceMs = 8000;

const refresh = (): Promise<LoginData> =>
  alone((signal) => fetchJson("auth/refresh", {}, undefined, signal), refreshPatienceMs);

/** Leaves the tab to nobody, since the cookie is `now`'s. */
const giveWay = (own: Owner, now: Owner) => {
  const state = useSession.getState();
  const held = state.phase === "signed_in" && !state.acting ? state.login : state.phase === "choosing" && state.login;
  if (held && isSameOwner(held, own)) enter({ phase: "replaced", own: ownerOf(own), now: ownerOf(now) });
};

/** The same for `own` only: what the cookie gives by now may be another's, and nothing of `own`'s is done with that. */
const refreshFor = async (own: Owner): Promise<LoginData> => {
  const login = await refresh();
  if (isSameOwner(own, login)) return login;
  giveWay(own, login);
  throw new RestError(401, "unauthenticated", "This browser is signed in as somebody else now.", false);
};

/** Signs in by the refresh cookie, if there is one that still stands. Never throws. */
export const resumeSession = async (): Promise<void> => {
  if (!browserOwner()) return leaveSession();
  enter({ phase: "starting" });
  try {
    const login = await refresh();
    const own = tabOwner();
    if (own && !isSameOwner(own, login)) enter({ phase: "replaced", own, now: ownerOf(login) });
    else enter({ phase: "signed_in", login });
  } catch (error) {
    if (error instanceof RestError && error.retryable) return enter({ phase: "unreachable", message: error.message });
    const suspended = error instanceof RestError && error.details["reason"] === "tenant_suspended";
    sessionIsOver(suspended ? "This workspace is suspended." : undefined);
  }
};

/** Takes in whom the browser's tabs have signed in by now. */
export const heedBrowser = (): void => {
  const now = browserOwner();
  const state = useSession.getState();
  if (!now) return;
  if (state.phase === "replaced") {
    if (isSameOwner(state.own, now)) void resumeSession();
    else enter({ ...state, now });
  } else if (state.phase === "signed_in" || state.phase === "choosing") {
    if (!isSameOwner(state.login, now)) giveWay(state.login, now);
  }
};

/** Goes on with a login that was just answered. */
const enterAs = (login: LoginData): void => enter({ phase: "signed_in", login });

/**
 * Signs in; `code` is the second factor. Whoever belongs to several workspaces chooses one next, unless it is `tenant`.
 * Throws RestError, whose `details.reason` is `code_required` where the password was right and a code is asked for, `code`
 * where that was wrong.
 */
export const signIn = async (credentials: Credentials, code?: string, tenant?: string): Promise<void> => {
  const body = { ...credentials, ...(code && { code }), ...(tenant && { tenant }) };
  const login = await alone((signal) => fetchJson("auth/login", { body }, undefined, signal));
  enter({ phase: login.tenants.length > 1 && !tenant ? "choosing" : "signed_in", login });
};

/** Makes a workspace, and signs in to it as its admin. Throws RestError. */
export const signUp = async (body: Input<"auth/register">["body"]): Promise<void> =>
  enterAs(await alone((signal) => fetchJson("auth/register", { body }, undefined, signal)));

/** Joins a workspace by an invitation, and signs in to it. Throws RestError. */
export const joinWorkspace = async (body: Input<"invitation/accept">["body"]): Promise<void> =>
  enterAs(await alone((signal) => fetchJson("invitation/accept", { body }, undefined, signal)));

const switchTo = (slug: string, accessToken: string) =>
  alone((signal) => fetchJson("auth/switch-tenant", { body: { tenant: slug } }, accessToken, signal));

/** Goes on with the workspace of the choice: the one already signed in to costs nothing more. Throws RestError. */
export const chooseWorkspace = async (slug: string): Promise<void> => {
  const state = useSession.getState();
  if (state.phase !== "choosing" && state.phase !== "signed_in") return;
  if (state.login.tenant.slug === slug) return enterAs(state.login);
  const login = await switchTo(slug, state.login.accessToken).catch(async (error: unknown) => {
    if (!(error instanceof RestError && error.status === 401)) throw error;
    return switchTo(slug, (await refreshFor(state.login)).accessToken);
  });
  enterAs(login);
};

/** Goes on as whoever the browser is signed in as by now. */
export const continueAs = beginAnew;

/**
 * Back to whom the tab was before another one signed in: in another workspace of the same person's at once, as somebody
 * else by their password. Throws RestError.
 */
export const returnTo = async (own: Owner, now: Owner): Promise<void> => {
  if (own.user.id !== now.user.id) return enter({ phase: "signed_out", as: own });
  const login = await refresh();
  if (login.user.id !== own.user.id) return enter({ phase: "replaced", own, now: ownerOf(login) });
  enterAs(isSameOwner(own, login) ? login : await switchTo(own.tenant.slug, login.accessToken));
};

/**
 * A new access token for `own` by the cookie, kept for later connects too. Throws RestError; 401 means the session is over,
 * or that the cookie is another's by now. The cookie is the person's own, so nothing renews the time in a member's place.
 */
export const renewAccess = async (own: Owner): Promise<string> => {
  if (actingOf(useSession.getState()))
    throw new RestError(401, "unauthenticated", "Your session as somebody else is over.", false);
  const login = await refreshFor(own);
  const state = useSession.getState();
  const acting = actingOf(state);
  if (acting) useSession.setState({ acting: { ...acting, own: login } });
  else if (state.phase === "signed_in" && isSameOwner(state.login, login)) enterAs(login);
  return login.accessToken;
};

/** Shows the sign-in page without asking the server, with the reason when there is one. */
export const leaveSession = (notice?: string): void => {
  setTabOwner(null);
  enter({ phase: "signed_out", ...(notice && { notice }) });
};

/** Another tab has signed out, which is meant for all of them: whoever comes to this browser next sees nothing here. */
export const leaveWithBrowser = (): void => {
  if (useSession.getState().phase !== "signed_out") leaveSession("You signed out in another tab.");
};

/** What the server has ended already: forgets it here. */
export const sessionIsOver = (notice?: string): void => {
  setBrowserOwner(null);
  leaveSession(notice);
};

/** Ends the session here and at the server; says so when only the first could be done. Never throws. */
export const signOut = async (): Promise<void> => {
  const state = useSession.getState();
  if (state.phase !== "signed_in" && state.phase !== "choosing") return;
  // Staff in a member's place sign out themselves, and the server ends what they do as others with that.
  const own = actingOf(state)?.own ?? state.login;
  const now = browserOwner();
  if (now && isSameOwner(own, now)) setBrowserOwner(null);
  leaveSession();
  const logout = (accessToken: string) => fetchJson("auth/logout", {}, accessToken);
  try {
    await logout(own.accessToken).catch(async (error: unknown) => {
      if (!(error instanceof RestError && error.status === 401)) throw error;
      const { accessToken } = await refreshFor(own);
      setBrowserOwner(null);
      await logout(accessToken);
    });
  } catch (error) {
    if (error instanceof RestError && error.status === 401) return;
    if (useSession.getState().phase !== "signed_out") return;
    leaveSession(
      "You are signed out in this browser, but the server could not be told. Sign in and out again to be sure.",
    );
  }
};
