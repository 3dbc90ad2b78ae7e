import { cut } from "../../contract/text.ts";

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that may stand in a page, in an attribute too. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (one) => entities[one]!);

/** Text as one line: whoever chose a name has not chosen where a paragraph, or a header, begins, nor which way it reads. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .trim();

/**
 * A name as it may stand in a mail to a stranger. The contract takes no addresses in names; one that is older is broken by a
 * mark nobody sees, so that no program makes a link of it.
 */
export const nameInMail = (name: string): string =>
  cut(oneLine(name), 100).replace(/(?<=[^\s])[.:@\u3002\uff0e\uff61](?=[^\s])/gu, "$&\u2060");

/** What a mail says: paragraphs, and at most one thing to do, which stands before the `closing` ones. */
export type Letter = { paragraphs: string[]; action?: { label: string; url: string }; closing?: string[] };

const paragraph = (text: string) => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`;

const button = ({ label, url }: NonNullable<Letter["action"]>) =>
  `<p style="margin:24px 0"><a href="${escapeHtml(url)}" style="background:#1f6f5c;color:#ffffff;padding:12px 20px;border-radius:6px;text-decoration:none">${escapeHtml(label)}</a></p>
<p style="margin:0 0 16px;color:#5c6670;font-size:13px;word-break:break-all">${escapeHtml(url)}</p>`;

/** A letter as plain text and as a page. Every word of it is escaped: names in it were chosen by people. */
export const composeMail = ({ action, ...letter }: Letter): { text: string; html: string } => {
  const paragraphs = letter.paragraphs.map(oneLine);
  const closing = (letter.closing ?? []).map(oneLine);
  return {
    text: `${[...paragraphs, ...(action ? [`${action.label}:\n${action.url}`] : []), ...closing].join("\n\n")}\n`,
    html: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"></head>
<body style="margin:0;padding:32px 16px;background:#f4f5f6;font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1d2327">
<div style="max-width:520px;margin:0 auto;padding:32px;background:#ffffff;border-radius:8px">
${[...paragraphs.map(paragraph), ...(action ? [button(action)] : []), ...closing.map(paragraph)].join("\n")}
</div></body></html>
`,
  };
};
