import { Button, Group, Modal, Select, Stack, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { contactName } from "../list/names.ts";
import { useClientState } from "../session/client-context.tsx";
import { useColleagues, useMe, useObstacle } from "../session/viewer.ts";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { closeHandOver, useHandOver } from "./hand-over.ts";
import { isAbsent, presenceLooks } from "./presence-dot.tsx";
import { useDeeds, type HandOverTarget } from "./use-deeds.ts";

/** Everybody and every department a conversation can go to from where it is, grouped for the choice. */
const useTargets = ({ assigneeId, departmentId }: Conversation) => {
  const me = useMe();
  const colleagues = useColleagues().filter(({ id }) => id !== assigneeId && id !== me);
  const departments = useClientState((state) => state.session.departments).filter(({ id }) => id !== departmentId);
  const mayAssignAbsent = useClientState((state) => state.session.permissions.includes("conversation.assign_absent"));
  const targets = new Map<string, HandOverTarget>();
  for (const { id, name } of departments) targets.set(`department:${id}`, { kind: "department", id, name });
  for (const { id, name } of colleagues) targets.set(`agent:${id}`, { kind: "agent", id, name });
  const options = [
    {
      group: "Colleagues",
      items: colleagues.map((one) => ({
        value: `agent:${one.id}`,
        label: `${one.name} (${presenceLooks(one).word})`,
        disabled: isAbsent(one) && !mayAssignAbsent,
      })),
    },
    { group: "Departments", items: departments.map(({ id, name }) => ({ value: `department:${id}`, label: name })) },
  ];
  return { targets, options: options.filter(({ items }) => items.length > 0) };
};

const Asked = ({ conversation, to }: { conversation: Conversation; to: string | null }) => {
  const { targets, options } = useTargets(conversation);
  const [chosen, setChosen] = useState(to);
  const [note, setNote] = useState("");
  const { busy, handOver } = useDeeds(conversation);
  const cannotAssign = useObstacle("conversation.assign");
  const cannotTransfer = useObstacle("conversation.transfer");
  const target = chosen === null ? undefined : targets.get(chosen);
  const assigns = target?.kind === "agent" && !conversation.assigneeId;
  const obstacle = (assigns ? cannotAssign : cannotTransfer) ?? (target ? null : "Choose who gets it");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!target || obstacle !== null) return;
    await handOver(target, note);
    closeHandOver();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <Select
          label="To"
          placeholder="A colleague or a department"
          data={options}
          value={chosen}
          onChange={setChosen}
          searchable
          nothingFoundMessage="Nobody by that name"
          data-autofocus={to === null || undefined}
        />
        <Textarea
          label="Note (optional)"
          description="Tell them what they should know. Only agents see it."
          data-autofocus={to !== null || undefined}
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="xs" gap="sm">
          <Button variant="default" onClick={closeHandOver}>
            Cancel
          </Button>
          <GuardedButton type="submit" obstacle={obstacle} loading={busy}>
            Hand over
          </GuardedButton>
        </Group>
      </Stack>
    </form>
  );
};

/** Hands a conversation to a colleague or a department, with a word about it. */
export const HandOverDialog = () => {
  const { conversation, to } = useHandOver();
  return (
    <Modal
      opened={conversation !== null}
      onClose={closeHandOver}
      title={conversation ? `Hand over ${contactName(conversation)}` : ""}
      size="md"
    >
      {conversation && <Asked key={conversation.id} conversation={conversation} to={to} />}
    </Modal>
  );
};
