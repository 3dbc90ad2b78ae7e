import { Button } from "@mantine/core";
import type { Conversation } from "../../server/contract/entities.ts";
import { priorityChoices, priorityText } from "../list/priority.ts";
import { useColleagues, useMe, useObstacle } from "../session/viewer.ts";
import classes from "./details.module.css";
import { GuardedSelect } from "./guarded-select.tsx";
import { useDeeds } from "./use-deeds.ts";
import type { ContactFacts } from "./use-contact-facts.ts";

type CareProps = { conversation: Conversation; facts: ContactFacts };
type Props = CareProps & { obstacle: string | null };

const nobody = "nobody";

const Owner = ({ conversation, facts: { owner, problem, reload }, obstacle }: Props) => {
  const me = useMe();
  const colleagues = useColleagues();
  const { busy, setOwner } = useDeeds(conversation);
  // The owner may be nobody one works with, or have left.
  const people = new Map((owner ? [...colleagues, owner] : colleagues).map((one) => [one.id, one]));
  const unknown = owner === undefined && (problem ?? "It is being saved");
  return (
    <>
      <GuardedSelect
        label="Owner of the contact"
        size="xs"
        mt="sm"
        placeholder={problem ? "Not known right now" : "…"}
        searchable
        allowDeselect={false}
        nothingFoundMessage="Nobody by that name"
        obstacle={obstacle ?? (unknown || null)}
        busy={busy}
        data={[
          { value: nobody, label: "Nobody" },
          ...[...people.values()].map(({ id, name }) => ({ value: id, label: id === me ? `${name} (you)` : name })),
        ]}
        value={owner === undefined ? null : (owner?.id ?? nobody)}
        onChange={(id) => id !== null && void setOwner(people.get(id) ?? null)}
      />
      {problem && owner === undefined && (
        <Button mt={6} size="compact-xs" variant="light" onClick={reload}>
          Try again
        </Button>
      )}
    </>
  );
};

/** How urgent a conversation is, and who looks after its contact: whoever may assign it sets both. */
export const Care = ({ conversation, facts }: CareProps) => {
  const unable = useObstacle("conversation.assign");
  const { busy, setPriority } = useDeeds(conversation);
  const { priority, status, contact } = conversation;
  const obstacle = unable ?? (status === "archived" ? "This conversation is archived and can't be changed" : null);
  return (
    <section className={classes["section"]} aria-label="Priority and owner">
      <GuardedSelect
        label="Priority"
        size="xs"
        allowDeselect={false}
        obstacle={obstacle}
        busy={busy}
        data={priorityChoices(priority).map((one) => ({ value: String(one), label: priorityText(one) }))}
        value={String(priority)}
        onChange={(value) => value !== null && void setPriority(Number(value))}
      />
      {contact && <Owner conversation={conversation} facts={facts} obstacle={obstacle} />}
    </section>
  );
};
