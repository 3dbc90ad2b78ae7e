// No imports: the widget and the desktop ask the same rule before they send, and must not load the whole contract for it.

/** Letters, digits and marks of every script, with the signs that mail servers allow before the @. */
const localPart = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
/** One part of a domain, written in its own script or as `xn--…`. */
const domainLabel = /^(?!-)[\p{L}\p{N}\p{M}-]{1,63}(?<!-)$/u;

/** What somebody reads whose address was refused. */
export const emailProblem = "must be an e-mail address, such as ana@example.com";

/**
 * Whether `text` can be somebody's e-mail address: apostrophes, `&`, domains as `xn--…` and addresses in any script are;
 * spaces, control and direction characters, several @ and whatever would end a header are not. Linear in its length.
 */
export const isEmail = (text: string): boolean => {
  const at = text.lastIndexOf("@");
  if (at < 1 || at > 64 || text.length > 254 || !localPart.test(text.slice(0, at))) return false;
  const labels = text.slice(at + 1).split(".");
  return labels.length > 1 && labels.every((label) => domainLabel.test(label)) && !/^\p{N}+$/u.test(labels.at(-1)!);
};
