import type { ParleySettings } from "./parley.ts";

/** Which inbox, where its server is, and the address that the app's files lie beside. */
export type Settings = { inboxKey: string | undefined; server: string | undefined; base: string | undefined };

// By its tag: an element named "currentScript" hides the document's own property.
const isOurs = (element: Element | null): element is HTMLScriptElement =>
  element?.tagName === "SCRIPT" &&
  ("inboxKey" in (element as HTMLScriptElement).dataset || (element as HTMLScriptElement).src.includes("/widget.js"));

/** The running script's element; a module has none, so then the last that looks like one. */
const findScript = (): HTMLScriptElement | undefined => {
  if (isOurs(document.currentScript)) return document.currentScript;
  let found: HTMLScriptElement | undefined;
  document.querySelectorAll("script").forEach((one) => {
    if (isOurs(one)) found = one;
  });
  return found;
};

/**
 * From the snippet's attribute, else from its address, else from `window.ParleySettings`: tag managers drop attributes, and
 * some run the code without any address.
 */
export const findSettings = (): Settings => {
  const script = findScript();
  const said: ParleySettings = window.ParleySettings ?? {};
  const address = script?.src ? new URL(script.src) : undefined;
  const base = said.server ? new URL("/", said.server) : address;
  return {
    inboxKey: script?.dataset["inboxKey"] || address?.searchParams.get("inboxKey") || said.inboxKey,
    server: base?.origin,
    base: base && new URL(".", base).href,
  };
};
