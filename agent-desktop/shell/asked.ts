const keyOf = (owner: string) => `parley:asked:${owner}`;

/** Whether somebody was asked in this browser if they take conversations. */
export const wasAsked = (owner: string): boolean => {
  try {
    return localStorage.getItem(keyOf(owner)) !== null;
  } catch {
    return false;
  }
};

export const noteAsked = (owner: string): void => {
  try {
    localStorage.setItem(keyOf(owner), "1");
  } catch {
    // They are asked once more after a reload.
  }
};
