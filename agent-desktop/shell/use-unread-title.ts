import { useEffect } from "react";
import { useTabCounts } from "../list/use-list.ts";

/** Counts what waits for the person in the window's title, where it is seen from other windows. */
export const useUnreadTitle = (workspace: string): void => {
  const { mine } = useTabCounts();
  useEffect(() => {
    document.title = `${mine > 0 ? `(${mine > 99 ? "99+" : mine}) ` : ""}${workspace} · Parley`;
    return () => {
      document.title = "Parley";
    };
  }, [mine, workspace]);
};
