/** So many opened conversations are followed at once; each is opened again at every reconnect. */
export const mostFollowed = 20;

/** The ids followed after `id` was opened, the latest first, and those that are too many. */
export const followed = (recent: readonly string[], id: string): { kept: string[]; released: string[] } => {
  const all = [id, ...recent.filter((other) => other !== id)];
  return { kept: all.slice(0, mostFollowed), released: all.slice(mostFollowed) };
};
