const rules = new Intl.PluralRules("en");
const number = new Intl.NumberFormat("en");

/** `1 member`, `1,200 members`; `many` where it takes more than an s. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number.format(count)} ${rules.select(count) === "one" ? one : many}`;
