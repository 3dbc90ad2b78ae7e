import { counted } from "../shell/plural.ts";
import { isBlank } from "../../server/contract/text.ts";
import { planNames, planOf, type PlanName } from "../../server/contract/plans.ts";

/** The plans for a choice. */
export const planChoices = planNames.map((name: PlanName) => ({ value: name, label: planOf(name).name }));

/** How many people a workspace has. */
export const membersText = (count: number): string => counted(count, "member");

/** What is in the way as long as no reason is given; null once there is one. */
export const missingReason = (reason: string): string | null => (!isBlank(reason) ? null : "Enter a reason first");

/** A moment as the value of a date field, in the viewer's own zone. */
export const dayOf = (time: Date): string => {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
};

/** The end of the day of a date field, in the viewer's own zone. */
export const endOfDay = (day: string): string => new Date(`${day}T23:59:59`).toISOString();
