export type TextPart = { text: string; href?: string };

// A candidate runs to the next white space or angle bracket; what may not end it is cut off below.
const candidate = /\bhttps?:\/\/[^\s<>"]+/giu;

const countOf = (text: string, character: string) => text.split(character).length - 1;

/** Cuts off the punctuation that ends the sentence, not the address; a bracket stays when it was opened inside. */
const trimEnd = (address: string): string => {
  let end = address;
  for (;;) {
    const last = end.at(-1) ?? "";
    const open = { ")": "(", "]": "[", "}": "{" }[last];
    const closesItself = open !== undefined && countOf(end, open) >= countOf(end, last);
    if (/[.,;:!?'*_~]/u.test(last) || (open !== undefined && !closesItself)) end = end.slice(0, -1);
    else return end;
  }
};

/** Splits text into plain parts and http(s) links; joined, the parts are the text again. Nothing else becomes a link. */
export const linkParts = (text: string): TextPart[] => {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(candidate)) {
    const address = trimEnd(match[0]);
    if (!URL.canParse(address)) continue;
    const { protocol, hostname, username, password, href } = new URL(address);
    if ((protocol !== "http:" && protocol !== "https:") || hostname === "") continue;
    // `https://bank.example@evil.example` leads elsewhere than it seems to.
    if (username !== "" || password !== "") continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from) });
  return parts;
};
