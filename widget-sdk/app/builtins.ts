// What the app and its libraries call by name, whatever the page's other scripts made of it: the build puts these in the
// place of the globals. A page with nothing changed gives its own; else they come from a frame that no script has seen.

type Globals = Pick<
  typeof globalThis,
  "Array" | "Date" | "JSON" | "Map" | "Math" | "Number" | "Object" | "Set" | "String"
>;

const names = ["Array", "Date", "JSON", "Map", "Math", "Number", "Object", "Set", "String"] as const;

const isNative = (value: unknown) =>
  typeof value !== "function" || /\[native code\]\s*\}\s*$/u.test(Function.prototype.toString.call(value));

/** A global and what hangs on it. Its prototype is shared with everything the page makes, and can't be exchanged. */
const isUntouched = (name: keyof Globals): boolean => {
  const found = window[name] as unknown;
  if (found === null || (typeof found !== "function" && typeof found !== "object") || !isNative(found)) return false;
  for (const key of Reflect.ownKeys(found))
    if (!isNative(Reflect.getOwnPropertyDescriptor(found, key)!.value)) return false;
  return true;
};

const findGlobals = (): Globals => {
  let touched = false;
  for (const name of names) touched ||= !isUntouched(name);
  if (!touched) return window;
  const frame = document.createElement("iframe");
  frame.hidden = true;
  document.documentElement.append(frame);
  const realm = frame.contentWindow as (Window & typeof globalThis) | null;
  // What was taken from it goes on working once it is gone, and a frame that nobody needs is none that disturbs.
  const { Array, Date, JSON, Map, Math, Number, Object, Set, String } = realm ?? window;
  frame.remove();
  return { Array, Date, JSON, Map, Math, Number, Object, Set, String };
};

const globals = findGlobals();
export const { Array, Date, Map, Math, Number, Object, Set, String } = globals;

/** What `await` works with. A frame that is gone runs no callbacks, so this one is the page's, by another way than its name. */
export const Promise = (async () => {})().constructor as PromiseConstructor;

/** Writes what is there: a `toJSON` that a page put on arrays and objects is not asked. */
export const JSON = {
  parse: globals.JSON.parse,
  stringify: (value: unknown): string =>
    globals.JSON.stringify(value, function written(this: Record<string, unknown>, key: string) {
      return this[key];
    }),
};
