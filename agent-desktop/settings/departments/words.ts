import type { OfflineBehaviour, Stickiness, Strategy } from "../../../server/contract/routing.ts";

type Choice<T extends string> = { value: T; label: string };
const choices = <T extends string>(words: Record<T, string>): Choice<T>[] =>
  Object.entries(words).map(([value, label]) => ({ value: value as T, label: label as string }));

export const strategyNames: Record<Strategy, string> = {
  least_loaded: "Fewest conversations first",
  round_robin: "In turn",
  spare_capacity: "Most free capacity first",
  skills: "By skills",
  manual: "By hand, from the queue",
};
export const strategyChoices = choices(strategyNames);

export const stickinessChoices = choices<Stickiness>({
  none: "Nobody in particular",
  last_agent: "The agent they last spoke to",
  owner: "The contact's owner",
});

export const offlineChoices = choices<OfflineBehaviour>({
  queue: "Conversations wait in the queue",
  form: "Contacts leave a message for later",
});
