/** What the widget keeps on a visitor's device, one namespace per inbox. Without localStorage it lives as long as the page. */
export type Storage = {
  get: (name: string) => string | undefined;
  set: (name: string, value: string) => void;
  remove: (name: string) => void;
  names: () => string[];
  /** Forgets everything of this inbox. */
  clear: () => void;
  /** Calls back when another tab changes `name`; undefined: it was removed. */
  watch: (name: string, listener: (value: string | undefined) => void) => void;
};

const browserStorage = (): globalThis.Storage | undefined => {
  try {
    const { localStorage } = window;
    localStorage.setItem("parley:probe", "1");
    localStorage.removeItem("parley:probe");
    return localStorage;
  } catch {
    return undefined;
  }
};

export const createStorage = (inboxKey: string): Storage => {
  const local = browserStorage();
  const memory = new Map<string, string>();
  const prefix = `parley:${inboxKey}:`;

  const names = () => {
    const keys = local ? Array.from({ length: local.length }, (_, n) => local.key(n) ?? "") : [...memory.keys()];
    return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  };

  const storage: Storage = {
    names,
    get: (name) => (local ? local.getItem(prefix + name) : memory.get(prefix + name)) ?? undefined,
    set: (name, value) => {
      try {
        if (local) local.setItem(prefix + name, value);
        else memory.set(prefix + name, value);
      } catch {
        // The device is full: this page goes on with what it has in memory.
      }
    },
    remove: (name) => {
      local?.removeItem(prefix + name);
      memory.delete(prefix + name);
    },
    clear: () => names().forEach(storage.remove),
    watch: (name, listener) => {
      window.addEventListener("storage", ({ key, newValue, storageArea }) => {
        if (storageArea === local && (key === prefix + name || key === null)) listener(newValue ?? undefined);
      });
    },
  };
  return storage;
};
