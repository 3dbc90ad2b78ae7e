import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import type { Answer } from "../session/rest.ts";
import { useLoaded } from "../session/use-loaded.ts";
import { askPage } from "../settings/parts/ask-page.ts";

export type Person = Answer<"platform-tenant/get">["admins"][number];
type Props = { tenantId: string; chosen: Person | undefined; onChoose: (person: Person) => void };

/** So many are listed; whoever looks for another types a part of their name. */
const shownAtMost = 20;
const labelOf = ({ name, email }: Person) => `${name}, ${email}`;

/** Chooses one of a workspace's active members, whom the server looks for as one types. */
export const MemberField = ({ tenantId, chosen, onChoose }: Props) => {
  const [typed, setTyped] = useState("");
  const [settled] = useDebouncedValue(typed.trim(), 250);
  // The field holds the chosen one's own words until somebody types others.
  const search = chosen && settled === labelOf(chosen) ? "" : settled;
  const found = useLoaded((signal) => {
    const query = { status: "active" as const, ...(search && { search }) };
    return askPage("platform-tenant/list-agents", { params: { tenantId }, query }, { limit: shownAtMost, signal });
  }, `${tenantId}:${search}`);
  const people: Person[] = found.data?.data ?? [];
  const listed = chosen && !people.some(({ id }) => id === chosen.id) ? [chosen, ...people] : people;
  return (
    <Select
      label="Member"
      description="Type a part of their name or e-mail."
      searchable
      maxLength={100}
      data={listed.map((person) => ({ value: person.id, label: labelOf(person) }))}
      // What the server found, and not the chosen one beside it: Enter must not take them for who was typed.
      filter={({ options }) => options.filter((one) => "value" in one && people.some(({ id }) => id === one.value))}
      value={chosen?.id ?? null}
      allowDeselect={false}
      // What stands first is of the search before, until the server has answered.
      selectFirstOptionOnChange={false}
      searchValue={typed}
      onSearchChange={setTyped}
      // Half a name and Enter must not send the form with whoever was chosen before.
      onKeyDown={(event) => event.key === "Enter" && typed !== (chosen && labelOf(chosen)) && event.preventDefault()}
      nothingFoundMessage={found.problem ?? (found.loading ? "Looking…" : "Nobody matches.")}
      onChange={(id) => {
        const person = listed.find((one) => one.id === id);
        if (person) onChoose(person);
      }}
    />
  );
};
