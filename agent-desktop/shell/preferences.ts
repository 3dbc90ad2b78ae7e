import { create } from "zustand";

export type Preferences = {
  sound: boolean;
  notifications: boolean;
  /** Single letters are shortcuts. */ keys: boolean;
};

/** Of the person signed in: the next one at this browser may want no noise. */
let storageKey = "parley:preferences:";

const stored = (): Preferences => {
  try {
    const value = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences> | null;
    return { sound: value?.sound === true, notifications: value?.notifications === true, keys: value?.keys !== false };
  } catch {
    return { sound: false, notifications: false, keys: true };
  }
};

/** What this person chose in this browser. What makes noise is off until asked for. */
export const usePreferences = create<Preferences>(stored);

/** Says whose preferences hold from now on. */
export const claimPreferences = (userId: string): void => {
  storageKey = `parley:preferences:${userId}`;
  usePreferences.setState(stored());
};

/** Takes in what the person changes in other tabs. Returns the undo. */
export const followPreferences = (): (() => void) => {
  const follow = ({ key }: StorageEvent) => key === storageKey && usePreferences.setState(stored());
  window.addEventListener("storage", follow);
  return () => window.removeEventListener("storage", follow);
};

export const setPreference = (change: Partial<Preferences>): void => {
  usePreferences.setState(change);
  try {
    localStorage.setItem(storageKey, JSON.stringify(usePreferences.getState()));
  } catch {
    // Kept for this page only.
  }
};
