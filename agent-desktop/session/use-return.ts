import { useEffect } from "react";

/** Calls `back` whenever the person comes back to this window, for as long as something is `awaited` from elsewhere. */
export const useReturn = (awaited: boolean, back: () => void): void => {
  useEffect(() => {
    if (!awaited) return;
    window.addEventListener("focus", back);
    return () => window.removeEventListener("focus", back);
  }, [awaited, back]);
};
