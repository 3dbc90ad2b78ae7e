const startOfDay = (time: number) => new Date(time).setHours(0, 0, 0, 0);

// Noon to noon, so that a day of 23 or 25 hours still counts as one.
const daysBetween = (earlier: number, later: number) =>
  Math.round((startOfDay(later) - startOfDay(earlier)) / (24 * 60 * 60 * 1000));

const format = (options: Intl.DateTimeFormatOptions, locale?: string) => new Intl.DateTimeFormat(locale, options);

/** The clock time of an ISO time, in the viewer's own zone; written alike wherever a clock time is shown. */
export const clockText = (iso: string, locale?: string): string =>
  format({ timeStyle: "short" }, locale).format(new Date(iso));

/** As short as a list allows: the clock today, the weekday within a week, the date before that. */
export const shortWhen = (iso: string, now: number, locale?: string): string => {
  const time = Date.parse(iso);
  const days = daysBetween(time, now);
  if (days <= 0) return clockText(iso, locale);
  if (days < 7) return format({ weekday: "short" }, locale).format(time);
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return format({ day: "numeric", month: "short", ...(!sameYear && { year: "numeric" }) }, locale).format(time);
};

/** The heading of a day in a conversation: `Today`, `Yesterday`, or the day's date. */
export const dayText = (iso: string, now: number, locale?: string): string => {
  const time = Date.parse(iso);
  const days = daysBetween(time, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return format(
    { weekday: "long", day: "numeric", month: "long", ...(!sameYear && { year: "numeric" }) },
    locale,
  ).format(time);
};

/** Date and time in full, for tooltips and details. */
export const fullWhen = (iso: string, locale?: string): string =>
  format({ dateStyle: "medium", timeStyle: "short" }, locale).format(new Date(iso));

/** A key that two times share when they fall on the same day of the viewer. */
export const dayKey = (iso: string): string => new Date(iso).toDateString();
