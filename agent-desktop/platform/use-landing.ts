import { useEffect, useRef } from "react";
import { useClientState } from "../session/client-context.tsx";
import { goTo, usePage } from "../session/page.ts";
import { useUi } from "../shell/ui-store.ts";
import { workspacesPath } from "./paths.ts";

/** Whether the viewer is one of Parley's staff who sees all workspaces. */
export const useSeesWorkspaces = (): boolean =>
  useClientState((state) => state.session.permissions.includes("platform.read"));

/**
 * Parley's staff begin with the workspaces, since theirs has no visitors. Only where the address asks for nothing else, and
 * once: the conversations stay a click away.
 */
export const useLanding = (): void => {
  const staff = useSeesWorkspaces();
  const { path } = usePage();
  const landed = useRef(false);
  useEffect(() => {
    if (!staff || landed.current) return;
    landed.current = true;
    if (path === "" && useUi.getState().openId === null) goTo(workspacesPath, { replace: true });
  }, [staff, path]);
};
