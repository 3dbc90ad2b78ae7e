const keepMs = 10_000;
const most = 5_000;

/**
 * Remembers what `look` answered for some seconds, so that it is asked once for many requests. What fails is not remembered.
 * Keys come from outside, so there is a most: past it everything is forgotten.
 */
export const createMemory = <T>(look: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const known = new Map<string, { answer: Promise<T>; at: number }>();
  return (key) => {
    const found = known.get(key);
    if (found && performance.now() - found.at < keepMs) return found.answer;
    if (known.size >= most) known.clear();
    const answer = look(key);
    known.set(key, { answer, at: performance.now() });
    answer.catch(() => known.delete(key));
    return answer;
  };
};
