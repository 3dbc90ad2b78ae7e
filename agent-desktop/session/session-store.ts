import { create } from "zustand";
import type { LoginData } from "../../server/contract/admin.ts";
import { post, RestError } from "./rest.ts";

export type Credentials = { email: string; password: string };

/** Where the person stands. The access token lives here and nowhere else: a reload gets a new one by the cookie. */
export type SessionPhase =
  | { phase: "starting" }
  | { phase: "unreachable"; message: string }
  | { phase: "signed_out"; notice?: string }
  | { phase: "choosing"; login: LoginData; credentials: Credentials }
  | { phase: "signed_in"; login: LoginData };

export const useSession = create<SessionPhase>(() => ({ phase: "starting" }));

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

/** One refresh at a time over all tabs, since each makes the token before it worthless. */
const refresh = (): Promise<LoginData> => {
  const ask = () => post<LoginData>("/auth/refresh");
  return navigator.locks ? navigator.locks.request("parley:refresh", ask) : ask();
};

/** Signs in by the refresh cookie, if there is one that still stands. Never throws. */
export const resumeSession = async (): Promise<void> => {
  if (!isRemembered()) return enter({ phase: "signed_out" });
  enter({ phase: "starting" });
  try {
    enter({ phase: "signed_in", login: await refresh() });
  } catch (error) {
    if (error instanceof RestError && error.retryable) return enter({ phase: "unreachable", message: error.message });
    remember(false);
    enter({ phase: "signed_out" });
  }
};

/** Signs in, into the workspace `tenant` (slug) or the one the server picks. Throws RestError. */
export const signIn = async (credentials: Credentials, tenant?: string): Promise<void> => {
  const login = await post<LoginData>("/auth/login", { ...credentials, ...(tenant && { tenant }) });
  remember(true);
  if (!tenant && login.tenants.length > 1) enter({ phase: "choosing", login, credentials });
  else enter({ phase: "signed_in", login });
};

/** Goes on with the workspace of the choice: the one already signed in to costs no second login. Throws RestError. */
export const chooseWorkspace = async (slug: string): Promise<void> => {
  const state = useSession.getState();
  if (state.phase !== "choosing") return;
  if (state.login.tenant.slug === slug) enter({ phase: "signed_in", login: state.login });
  else await signIn(state.credentials, slug);
};

/** A new access token by the cookie, kept for later connects too. Throws RestError; 401 means the session is over. */
export const renewAccess = async (): Promise<string> => {
  const login = await refresh();
  if (useSession.getState().phase === "signed_in") enter({ phase: "signed_in", login });
  return login.accessToken;
};

/** Shows the sign-in page without asking the server, with the reason when there is one. */
export const leaveSession = (notice?: string): void => enter({ phase: "signed_out", ...(notice && { notice }) });

/** Ends the session here and at the server; says so when only the first could be done. Never throws. */
export const signOut = async (): Promise<void> => {
  const state = useSession.getState();
  if (state.phase !== "signed_in" && state.phase !== "choosing") return;
  remember(false);
  leaveSession();
  const logout = (accessToken: string) => post<void>("/auth/logout", undefined, accessToken);
  try {
    await logout(state.login.accessToken).catch(async (error: unknown) => {
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
