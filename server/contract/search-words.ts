import { fold } from "./text.ts";

/** The words of a search, folded; none where nothing was asked for. */
export const searchWords = (search: string): string[] => fold(search).split(/\s+/u).filter(Boolean);

/** Whether every one of these folded words stands somewhere in what is given. */
export const holdsWords = (words: readonly string[], texts: readonly (string | null | undefined)[]): boolean => {
  const folded = fold(texts.filter(Boolean).join("\n"));
  return words.every((word) => folded.includes(word));
};
