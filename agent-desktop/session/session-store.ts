import { create } from "zustand";
import type { LoginData } from "../../server/contract/admin.ts";
import type { Impersonation } from "../../server/contract/platform-routes.ts";
import { fetchJson, RestError, type Input } from "./rest.ts";

export type Credentials = { email: string; password: string };

/** One of Parley's staff in a member's place. `own` is their own login, which waits for their return. */
export type Acting = { impersonation: Impersonation; own: LoginData };

/** Where the person stands. The access token lives here and nowhere else: a reload gets a new one by the cookie. */
export type SessionPhase =
  | { phase: "starting" }
  | { phase: "unreachable"; message: string }
  | { phase: "signed_out"; notice?: string }
  | { phase: "choosing"; login: LoginData }
  | { phase: "signed_in"; login: LoginData; acting?: Acting };

export const useSession = create<SessionPhase>(() => ({ phase: "starting" }));

const actingOf = (state: SessionPhase): Acting | undefined => (state.phase === "signed_in" ? state.acting : undefined);

/** In whose place one works, and for how long; undefined in one's own name. */
export const useActing = (): Impersonation | undefined => useSession((state) => actingOf(state)?.impersonation);

const enter = (state: SessionPhase) => useSession.setState(state, true);

// Set while somebody is signed in here. Without it a load asks nothing of the server, and after a sign-out that could not
// reach the server the cookie left behind signs nobody in again.
const signedInKey = "parley:signed-in";

const remember = (signedIn: boolean) => {
  try {
    if (signedIn) localStorage.setItem(signedInKey, "1");
    else localStorage.removeItem(signedInKey);
  } catch {
    // Without storage a reload asks for the password again.
  }
};

const isRemembered = (): boolean => {
  try {
    return localStorage.getItem(signedInKey) !== null;
  } catch {
    return false;
  }
};

/** One change of the cookie at a time over all tabs, since each makes the one before it worthless. */
const alone = <T>(ask: () => Promise<T>): Promise<T> =>
  navigator.locks ? navigator.locks.request("parley:refresh", ask) : ask();

const refresh = (): Promise<LoginData> => alone(() => fetchJson("auth/refresh", {}));

/** Signs in by the refresh cookie, if there is one that still stands. Never throws. */
export const resumeSession = async (): Promise<void> => {
  if (!isRemembered()) return enter({ phase: "signed_out" });
  enter({ phase: "starting" });
  try {
    enter({ phase: "signed_in", login: await refresh() });
  } catch (error) {
    if (error instanceof RestError && error.retryable) return enter({ phase: "unreachable", message: error.message });
    remember(false);
    const suspended = error instanceof RestError && error.details["reason"] === "tenant_suspended";
    leaveSession(suspended ? "This workspace is suspended." : undefined);
  }
};

/** Goes on with a login that was just answered. */
export const enterAs = (login: LoginData): void => {
  remember(true);
  enter({ phase: "signed_in", login });
};

/**
 * Signs in; `code` is the second factor. Whoever belongs to several workspaces chooses one next. Throws RestError, whose
 * `details.reason` is `code_required` where the password was right and a code is asked for, `code` where that was wrong.
 */
export const signIn = async (credentials: Credentials, code?: string): Promise<void> => {
  const login = await alone(() => fetchJson("auth/login", { body: { ...credentials, ...(code && { code }) } }));
  remember(true);
  enter({ phase: login.tenants.length > 1 ? "choosing" : "signed_in", login });
};

/** Makes a workspace, and signs in to it as its admin. Throws RestError. */
export const signUp = async (body: Input<"auth/register">["body"]): Promise<void> =>
  enterAs(await alone(() => fetchJson("auth/register", { body })));

/** Goes on with the workspace of the choice: the one already signed in to costs nothing more. Throws RestError. */
export const chooseWorkspace = async (slug: string): Promise<void> => {
  const state = useSession.getState();
  if (state.phase !== "choosing" && state.phase !== "signed_in") return;
  if (state.login.tenant.slug === slug) return enter({ phase: "signed_in", login: state.login });
  const change = (accessToken: string) =>
    alone(() => fetchJson("auth/switch-tenant", { body: { tenant: slug } }, accessToken));
  const login = await change(state.login.accessToken).catch(async (error: unknown) => {
    if (!(error instanceof RestError && error.status === 401)) throw error;
    return change((await refresh()).accessToken);
  });
  enterAs(login);
};

/**
 * A new access token by the cookie, kept for later connects too. Throws RestError; 401 means the session is over. The cookie
 * is the person's own, so nothing renews the time in a member's place.
 */
export const renewAccess = async (): Promise<string> => {
  if (actingOf(useSession.getState()))
    throw new RestError(401, "unauthenticated", "Your time in somebody else's name is over.", false);
  const login = await refresh();
  const state = useSession.getState();
  const acting = actingOf(state);
  if (acting) useSession.setState({ acting: { ...acting, own: login } });
  else if (state.phase === "signed_in") enter({ phase: "signed_in", login });
  return login.accessToken;
};

/** Shows the sign-in page without asking the server, with the reason when there is one. */
export const leaveSession = (notice?: string): void => enter({ phase: "signed_out", ...(notice && { notice }) });

/** What the server has ended already: forgets it here. */
export const sessionIsOver = (notice: string): void => {
  remember(false);
  leaveSession(notice);
};

/** Ends the session here and at the server; says so when only the first could be done. Never throws. */
export const signOut = async (): Promise<void> => {
  const state = useSession.getState();
  if (state.phase !== "signed_in" && state.phase !== "choosing") return;
  // Staff in a member's place sign out themselves, and the server ends what they do as others with that.
  const { accessToken } = actingOf(state)?.own ?? state.login;
  remember(false);
  leaveSession();
  const logout = (accessToken: string) => fetchJson("auth/logout", {}, accessToken);
  try {
    await logout(accessToken).catch(async (error: unknown) => {
      if (!(error instanceof RestError && error.status === 401)) throw error;
      await logout((await refresh()).accessToken);
    });
  } catch (error) {
    if (error instanceof RestError && error.status === 401) return;
    if (useSession.getState().phase !== "signed_out") return;
    leaveSession(
      "You are signed out in this browser, but the server could not be told. Sign in and out again to be sure.",
    );
  }
};
