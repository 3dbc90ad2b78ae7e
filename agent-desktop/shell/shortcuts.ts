/** What a key asks for; `move` carries the direction. */
export type Wish =
  | "next"
  | "previous"
  | "reply"
  | "note"
  | "settle"
  | "assign"
  | "transfer"
  | "accept"
  | "decline"
  | "filter"
  | "help"
  | "back";

/** The keys as the help dialog lists them. */
export const shortcuts: { keys: string[]; does: string }[] = [
  { keys: ["j", "k"], does: "next and previous conversation (arrows too, in the list)" },
  { keys: ["Enter"], does: "open the conversation, or send what you wrote" },
  { keys: ["Shift+Enter"], does: "new line" },
  { keys: ["r"], does: "reply" },
  { keys: ["n"], does: "note" },
  { keys: ["a"], does: "take the conversation, or hand it to someone" },
  { keys: ["t"], does: "hand the conversation over, with a note" },
  { keys: ["y", "x"], does: "accept or decline what is offered to you" },
  { keys: ["e"], does: "resolve, or reopen" },
  { keys: ["/"], does: "filter the list" },
  { keys: ["?"], does: "this list" },
  { keys: ["Esc"], does: "step back: out of the text, the filter, the conversation" },
];

const wishes: Record<string, Wish> = {
  j: "next",
  k: "previous",
  r: "reply",
  n: "note",
  e: "settle",
  a: "assign",
  t: "transfer",
  y: "accept",
  x: "decline",
  "/": "filter",
  "?": "help",
};

export type Press = {
  key: string;
  /** Ctrl, Alt or Meta is held: the browser's or the system's own. */
  modified: boolean;
  /** Where the focus is. */
  where: "text" | "list" | "elsewhere" | "overlay";
  /** Whether the person left single keys switched on. */
  singleKeys: boolean;
};

/** What a key press asks of the desktop; null when it is not for the desktop. */
export const wishOf = ({ key, modified, where, singleKeys }: Press): Wish | null => {
  if (modified || where === "overlay") return null;
  if (key === "Escape") return "back";
  if (where === "text") return null;
  if (where === "list" && key === "ArrowDown") return "next";
  if (where === "list" && key === "ArrowUp") return "previous";
  if (!singleKeys) return null;
  return wishes[key] ?? wishes[key.toLowerCase()] ?? null;
};
