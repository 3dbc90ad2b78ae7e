/** From each number on, as far as the next: people choose among four, servers may set any in between. */
const names = [
  { from: 0, name: "Normal" },
  { from: 1, name: "Raised" },
  { from: 4, name: "High" },
  { from: 7, name: "Urgent" },
] as const;

/** What a person chooses: the contract knows 0 to 10, and what is urgent comes before everything. */
const chosen = [0, 3, 6, 10];

const nameOf = (priority: number) => names.findLast(({ from }) => priority >= from)?.name ?? names[0].name;

/** How a priority is called; one that stands between those that people choose also says its number. */
export const priorityText = (priority: number): string =>
  chosen.includes(priority) ? nameOf(priority) : `${nameOf(priority)} (${priority})`;

/** What there is to choose from, the most urgent first, and what stands there now. */
export const priorityChoices = (current: number): number[] =>
  [...new Set([...chosen, current])].toSorted((a, b) => b - a);
