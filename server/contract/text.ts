// What leaves no mark: white space, controls, and what fonts are to ignore (soft hyphens, joiners, fillers, variation
// selectors), and a few with an empty shape that Unicode counts as symbols: blank Braille, the null note, annotation marks.
const visible = /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\ufff9-\ufffb]/u;

/** Whether a text shows nothing, whatever number of characters it has. */
export const isBlank = (text: string): boolean => !visible.test(text);

// Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic. Marks of other scripts make other letters.
const marks = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\p{Default_Ignorable_Code_Point}]+/gu;
const spelled: Record<string, string> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ς: "σ",
};
const spelledOut = new RegExp(`[${Object.keys(spelled).join("")}]`, "gu");

/**
 * A text as it is compared when somebody searches: letters of any case, width and composition, with and without accents, are
 * the same. `fold_text` does the same in the database.
 */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(marks, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(spelledOut, (letter) => spelled[letter]!);

/**
 * The first of what people see as the characters of a text: a flag, a family or a letter with its accents is one. Browsers
 * without a segmenter take code points for them.
 */
const firstCharacters = (text: string, most: number): string[] => {
  // A character may be long, but those who pile marks on a letter to make it endless need not see all of them.
  const near = text.slice(0, most * 32);
  if (!("Segmenter" in Intl)) return Array.from(near).slice(0, most);
  const found: string[] = [];
  for (const { segment } of new Intl.Segmenter().segment(near)) if (found.push(segment) === most) break;
  return found;
};

/** The first characters of a text, each whole; what is cut off is shown by an ellipsis within `most`. */
export const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  const characters = firstCharacters(text, most + 1);
  const whole = characters.join("");
  if (whole === text && characters.length <= most) return text;
  return `${characters
    .slice(0, Math.min(most, characters.length) - 1)
    .join("")
    .trimEnd()}…`;
};

/** Up to two letters for a face: of the first and the last word. */
export const initials = (name: string): string => {
  const words = name.trim().split(/\s+/u);
  const first = firstCharacters(words[0]!, 1)[0] ?? "?";
  const last = words.length > 1 ? firstCharacters(words.at(-1)!, 1)[0]! : "";
  return (first + last).toLocaleUpperCase();
};
