import { useEffect } from "react";
import { useTabCounts } from "../list/use-list.ts";
import { useUi } from "./ui-store.ts";

/** Counts what waits for the person in the window's title, where it is seen from other windows. */
export const useUnreadTitle = (workspace: string): void => {
  const { mine } = useTabCounts();
  const section = useUi((ui) => ui.section);
  useEffect(() => {
    document.title = `${mine > 0 ? `(${mine > 99 ? "99+" : mine}) ` : ""}${section ? `${section} · ` : ""}${workspace} · Parley`;
    return () => {
      document.title = "Parley";
    };
  }, [mine, section, workspace]);
};
