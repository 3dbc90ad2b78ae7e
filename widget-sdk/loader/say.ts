/** Tells the page's developer in the browser's console, and nobody else, what to do about something. */
export const say = (...words: unknown[]): void => {
  // oxlint-disable-next-line no-console -- the only place where whoever embeds the widget looks
  console.error("Parley:", ...words);
};
