export type Segment = { text: string; href?: string };

const candidate = /https?:\/\/[^\s<>"'`\\]+/giu;
const closers: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

const count = (text: string, character: string) => text.split(character).length - 1;

/** Takes off what ends the sentence rather than the address: punctuation, and brackets that were opened outside. */
const trimEnd = (url: string): string => {
  let end = url;
  for (;;) {
    const last = end.at(-1) ?? "";
    const opener = closers[last];
    if (/[.,;:!?…*_~]/u.test(last) || (opener && count(end, last) > count(end, opener))) end = end.slice(0, -1);
    else return end;
  }
};

/**
 * Cuts a text into plain parts and links. Only whole http and https addresses become links, and only what `URL` itself
 * takes for one; the text stays as it was written.
 */
export const linkify = (text: string): Segment[] => {
  const segments: Segment[] = [];
  let at = 0;
  for (const match of text.matchAll(candidate)) {
    const shown = trimEnd(match[0]);
    const url = URL.canParse(shown) ? new URL(shown) : undefined;
    // An address that carries a name and password is made to deceive: `https://bank.example@evil.example`.
    if (!url || !/^https?:$/u.test(url.protocol) || url.username || url.password) continue;
    if (match.index > at) segments.push({ text: text.slice(at, match.index) });
    segments.push({ text: shown, href: url.href });
    at = match.index + shown.length;
  }
  if (at < text.length) segments.push({ text: text.slice(at) });
  return segments;
};
