import type { LoginData } from "../../server/contract/admin.ts";

/** One person in one workspace: whose a tab is, and whose the drafts in it are. */
export type Owner = Pick<LoginData, "user" | "tenant">;

export const ownerOf = ({ user, tenant }: Owner): Owner => ({ user, tenant });

export const ownerKey = ({ user, tenant }: Owner): string => `${tenant.id}:${user.id}`;

export const isSameOwner = (one: Owner, other: Owner): boolean => ownerKey(one) === ownerKey(other);

/** For whom the browser holds the cookie: known to all its tabs, gone after a sign-out. */
const browserKey = "parley:signed-in";
/** Whose this tab is; it outlives a reload, in which another tab may have signed in. */
const tabKey = "parley:tab";

const read = (storage: () => Storage, key: string): Owner | null => {
  try {
    const value = JSON.parse(storage().getItem(key) ?? "null") as Partial<Owner> | null;
    return value?.user?.id && value.tenant?.id ? ownerOf(value as Owner) : null;
  } catch {
    return null;
  }
};

const write = (storage: () => Storage, key: string, owner: Owner | null): void => {
  try {
    if (owner) storage().setItem(key, JSON.stringify(ownerOf(owner)));
    else storage().removeItem(key);
  } catch {
    // Without storage a reload asks for the password again, and other tabs learn of a change when they renew their token.
  }
};

const browser = () => localStorage;
const tab = () => sessionStorage;

export const browserOwner = (): Owner | null => read(browser, browserKey);
export const setBrowserOwner = (owner: Owner | null): void => write(browser, browserKey, owner);

export const tabOwner = (): Owner | null => read(tab, tabKey);
export const setTabOwner = (owner: Owner | null): void => write(tab, tabKey, owner);

/**
 * Calls `heed` when another tab has signed in, and when this one comes back to sight after it may have missed that; `left` when
 * another tab has signed out.
 */
export const followBrowserOwner = (heed: () => void, left: () => void): (() => void) => {
  const stored = ({ key, newValue }: StorageEvent) => {
    if (key === browserKey) (newValue === null ? left : heed)();
  };
  const seen = () => document.visibilityState === "visible" && heed();
  window.addEventListener("storage", stored);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("storage", stored);
    document.removeEventListener("visibilitychange", seen);
  };
};
