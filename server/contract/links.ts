/** A piece of a text; with `href` it is a link. */
export type TextPart = { text: string; href?: string };

// Scripts written without spaces: where one of their letters follows a host name or stands before an e-mail address, a
// sentence goes on, and the address has ended or not begun.
const unspaced = "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}";

// What an address is made of. Outside ASCII neither punctuation (quotes, brackets, full stops of all scripts) nor what
// cannot be seen belongs to it; the dots of Catalan and of Japanese names and the joiners of Persian do.
const inAddress = "(?:[^\\s<>\"`\\\\\\p{P}\\p{C}＜＞｜]|[!#%&'()*,\\-./:;?@[\\]_{}]|[·・\\u200c\\u200d])";
const inLocal = `(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{M}!#$%&'*+/=?^_{|}~.-])`;
const label = "[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]{0,61}[\\p{L}\\p{M}\\p{N}])?";

// Every repetition is bounded or ends at the first character that does not belong: whatever is written, this takes time in
// proportion to its length.
const candidate = new RegExp(
  [
    `\\b(?<web>(?:https?://|www\\.)${inAddress}+)`,
    `(?:mailto:)?(?<local>(?=[\\p{L}\\p{N}_])${inLocal}{1,64})@(?<domain>${label}(?:\\.${label}){1,8})`,
    "\\btel:(?<phone>\\+?\\d[\\d().-]{2,24})",
    "(?<international>\\+\\d(?:[ \\u00a0().-]{0,2}\\d){7,14})(?!\\d)",
    // A plain word, so that what follows is not tried again from each of its letters.
    "\\w+",
  ].join("|"),
  "giu",
);

const parse = (address: string): URL | undefined => {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
};

const openerOf: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Cuts off what ends the sentence and not the address: punctuation, and brackets that were not opened inside. */
const trimEnd = (address: string): string => {
  const open: Record<string, number> = { "(": 0, "[": 0, "{": 0 };
  for (const character of address) {
    if (character in open) open[character]! += 1;
    else if (character in openerOf) open[openerOf[character]!]! -= 1;
  }
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1]!;
    const opener = openerOf[last];
    if (opener) {
      if (open[opener]! >= 0) break;
      open[opener]! += 1;
    } else if (last in open) open[last]! -= 1;
    else if (!".,:;!?'*_~".includes(last)) break;
  }
  return address.slice(0, end);
};

const sentenceAfterHost = new RegExp(`^((?:https?://)?[^/?#]*\\.[a-z\\d-]+)[${unspaced}]`, "iu");

/** The address that a text beginning like one holds, and where it leads; undefined where it leads nowhere, or elsewhere than it seems. */
const readWeb = (written: string): { text: string; href: string } | undefined => {
  const text = trimEnd(sentenceAfterHost.exec(written)?.[1] ?? written);
  const bare = /^www\./iu.test(text);
  const url = parse(bare ? `https://${text}` : text);
  if (!url || url.hostname === "") return undefined;
  // A name of two parts may be a word and a full stop.
  if (bare && !/^www(?:\.[^.]+){2,}$/u.test(url.hostname)) return undefined;
  // An address that carries a name and password is made to deceive: `https://bank.example@evil.example`.
  return url.username === "" && url.password === "" ? { text, href: url.href } : undefined;
};

const sentenceAfter = new RegExp(`^(.*\\.[a-z\\d-]+)[${unspaced}].*$`, "iu");
const topLevel = /\.(?:\p{L}[\p{L}\p{M}]+|xn--[a-z\d-]+)$/iu;

const readMail = (whole: string, local: string, domain: string): { text: string; href: string } | undefined => {
  const host = domain.replace(sentenceAfter, "$1");
  if (!topLevel.test(host)) return undefined;
  const text = whole.slice(0, whole.length - domain.length + host.length);
  return { text, href: `mailto:${encodeURIComponent(local)}@${encodeURIComponent(host)}` };
};

const readPhone = (written: string, number: string): { text: string; href: string } => {
  const text = written.replace(/[.(-]+$/u, "");
  return { text, href: `tel:${number.replace(/[^\d+]/gu, "")}` };
};

const read = (match: RegExpMatchArray): { text: string; href: string } | undefined => {
  const { web, local, domain, phone, international } = match.groups!;
  if (web !== undefined) return readWeb(web);
  if (local !== undefined) return readMail(match[0], local, domain!);
  const number = phone ?? international;
  return number === undefined ? undefined : readPhone(match[0], number);
};

const insideLocal = new RegExp(`@|${inLocal}`, "u");

/** Whether what stands before shows that a match began in the middle of something. */
const beginsInside = ({ groups }: RegExpMatchArray, before: string): boolean => {
  const { web, local, international } = groups!;
  if (web !== undefined) return /^www/iu.test(web) && /[@./:-]/u.test(before);
  if (local !== undefined) return insideLocal.test(before);
  return international !== undefined && /[\p{L}\p{N}+.]/u.test(before);
};

/**
 * Cuts a text into plain parts and links: addresses with http, https or `www.`, e-mail addresses with or without `mailto:`,
 * telephone numbers with `tel:` or as they are written internationally. Joined, the parts are the text again. Takes time in
 * proportion to the length of the text.
 */
export const linkify = (text: string): TextPart[] => {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(candidate)) {
    const before = match.index > 0 ? text[match.index - 1]! : "";
    const found = beginsInside(match, before) ? undefined : read(match);
    if (!found) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push(found);
    from = match.index + found.text.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
};
