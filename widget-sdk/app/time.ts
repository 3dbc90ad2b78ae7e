const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const fullDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const dayMs = 86_400_000;
const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

export const timeOf = (iso: string): string => clock.format(new Date(iso));
export const exactTimeOf = (iso: string): string => exact.format(new Date(iso));

/** The local day a moment falls on, as a number to compare by. */
export const dayOf = (iso: string): number => midnight(new Date(iso));

/** "Today", "Yesterday", a weekday within the last six days, else a date. */
export const dayName = (iso: string, now: Date = new Date()): string => {
  const at = new Date(iso);
  const days = Math.round((midnight(now) - midnight(at)) / dayMs);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return weekday.format(at);
  return at.getFullYear() === now.getFullYear() ? date.format(at) : fullDate.format(at);
};

/** For a list: the time today, else the day. */
export const whenOf = (iso: string): string => (dayOf(iso) === midnight(new Date()) ? timeOf(iso) : dayName(iso));
