/** So long what one tab has drawn attention to is no news in the others: they hear of it within moments. */
const holdMs = 5000;
/** The tab that is looked at comes first. */
const headStartMs = 250;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * True in one of the browser's tabs for each piece of news, in the one that is looked at if there is one: a person hears one
 * sound, however many tabs they have open.
 */
export const isForThisTab = async (news: string, inSight: boolean): Promise<boolean> => {
  // Outside of https browsers have no locks.
  if (!navigator.locks) return true;
  if (!inSight) await pause(headStartMs);
  return new Promise((resolve) => {
    void navigator.locks.request(`parley:news:${news}`, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock) await pause(holdMs);
    });
  });
};
