import type { Impersonation } from "../../server/contract/platform-routes.ts";
import { create } from "zustand";
import { ask } from "../session/ask.ts";
import { goTo } from "../session/page.ts";
import type { Input } from "../session/rest.ts";
import { useSession } from "../session/session-store.ts";
import { startOver } from "../shell/ui-store.ts";
import { workspacePath } from "./paths.ts";

/** How often a time in a member's place was ended from here: lists of them are out of date then. */
export const useEnds = create<{ count: number }>(() => ({ count: 0 }));

const endAtServer = async ({ id }: Impersonation): Promise<void> => {
  await ask("impersonation/end", { params: { impersonationId: id } });
  useEnds.setState(({ count }) => ({ count: count + 1 }));
};

/**
 * Goes on as a member of a workspace. The token that lets in is held by the page and stored nowhere, so a reload is a way
 * back too; the cookie stays one's own. Who has thought better of it by the time it is answered, as `signal` says, stays
 * where they are, and it ends at once. Throws RestError.
 */
export const actAs = async (body: Input<"impersonation/create">["body"], signal: AbortSignal): Promise<void> => {
  const { impersonation, accessToken, expiresIn } = await ask("impersonation/create", { body });
  if (signal.aborted) return endAtServer(impersonation);
  const session = useSession.getState();
  if (session.phase !== "signed_in" || session.acting) return;
  const { user, tenant } = impersonation;
  const login = { user, tenant, tenants: [tenant], accessToken, expiresIn };
  startOver();
  useSession.setState({ phase: "signed_in", login, acting: { impersonation, own: session.login } }, true);
};

/** Back to one's own login, which waited, and to the workspace one comes from. False where one was back already. */
export const comeBack = ({ id, tenant }: Impersonation): boolean => {
  const session = useSession.getState();
  if (session.phase !== "signed_in" || session.acting?.impersonation.id !== id) return false;
  startOver();
  goTo(workspacePath(tenant.id), { replace: true });
  useSession.setState({ phase: "signed_in", login: session.acting.own }, true);
  return true;
};

/** Ends the time in a member's place: first here, then at the server. Throws RestError where that could not be told. */
export const endActing = async (impersonation: Impersonation): Promise<void> => {
  if (comeBack(impersonation)) await endAtServer(impersonation);
};
