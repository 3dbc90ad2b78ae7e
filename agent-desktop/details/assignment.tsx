import { Menu, Text } from "@mantine/core";
import { IconChevronDown, IconHandGrab, IconInbox, IconTransfer, IconUsersGroup } from "@tabler/icons-react";
import type { Conversation } from "../../server/contract/entities.ts";
import { Face } from "../list/face.tsx";
import { useClientState } from "../session/client-context.tsx";
import { useColleagues, useMe, useNameOf, useObstacle } from "../session/viewer.ts";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { assignTargetId } from "./assign-target.ts";
import classes from "./details.module.css";
import { handOver } from "./hand-over.ts";
import { isAbsent, PresenceDot, presenceLooks } from "./presence-dot.tsx";
import { useDeeds } from "./use-deeds.ts";
import { WhyButton } from "./why-button.tsx";

/** Who holds the conversation, and everything that changes it: take, hand to a colleague, put back. */
export const Assignment = ({ conversation }: { conversation: Conversation }) => {
  const me = useMe();
  const nameOf = useNameOf();
  const colleagues = useColleagues();
  const unable = useObstacle("conversation.assign");
  const { busy, take, assign, unassign } = useDeeds(conversation);
  const { assigneeId, assigneeName, status } = conversation;
  const settled = status === "resolved" || status === "archived";
  const obstacle = unable ?? (settled ? `It is ${status}: reopen it first` : null);
  const holder = assigneeId && (assigneeName ?? nameOf(assigneeId) ?? "A colleague");
  const holding = colleagues.find(({ id }) => id === assigneeId);
  const mayAssignAbsent = useClientState((state) => state.session.permissions.includes("conversation.assign_absent"));
  const all = useClientState((state) => state.session.departments);
  const departments = all.filter(({ id }) => id !== conversation.departmentId);
  const others = colleagues.filter(({ id }) => id !== me && id !== assigneeId);

  return (
    <section className={classes["section"]} aria-label="Assignment">
      <h2 className={classes["heading"]}>Assigned to</h2>
      <div className={classes["person"]}>
        {holder ? (
          <>
            <Face name={holder} size={30} />
            <Text size="sm" fw={600} truncate flex={1}>
              {assigneeId === me ? `${holder} (you)` : holder}
            </Text>
            {holding && <PresenceDot of={holding} />}
          </>
        ) : (
          <Text size="sm" c="var(--ink-soft)">
            Nobody yet
          </Text>
        )}
      </div>
      <Menu width="target" position="bottom-start" disabled={obstacle !== null}>
        <Menu.Target>
          <GuardedButton
            id={assignTargetId}
            fullWidth
            size="xs"
            variant="default"
            obstacle={obstacle}
            loading={busy}
            rightSection={<IconChevronDown size={15} />}
          >
            {holder ? "Reassign" : "Assign"}
          </GuardedButton>
        </Menu.Target>
        <Menu.Dropdown mah={340} style={{ overflowY: "auto" }}>
          {assigneeId !== me && (
            <Menu.Item leftSection={<IconHandGrab size={16} />} onClick={() => void take()}>
              Take it myself
            </Menu.Item>
          )}
          {assigneeId && (
            <Menu.Item leftSection={<IconInbox size={16} />} onClick={() => void unassign()}>
              Return to the queue
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconTransfer size={16} />} onClick={() => handOver(conversation)}>
            Hand over with a note…
          </Menu.Item>
          {others.length > 0 && <Menu.Label>Colleagues</Menu.Label>}
          {others.map((colleague) => (
            <Menu.Item
              key={colleague.id}
              disabled={isAbsent(colleague) && !mayAssignAbsent}
              leftSection={<PresenceDot of={colleague} />}
              rightSection={
                <Text size="xs" c="var(--ink-soft)">
                  {presenceLooks(colleague).word}
                </Text>
              }
              onClick={() => void assign(colleague.id, colleague.name)}
            >
              {colleague.name}
            </Menu.Item>
          ))}
          {departments.length > 0 && <Menu.Label>Departments</Menu.Label>}
          {departments.map(({ id, name }) => (
            <Menu.Item
              key={id}
              leftSection={<IconUsersGroup size={16} />}
              onClick={() => handOver(conversation, `department:${id}`)}
            >
              {name}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <WhyButton conversation={conversation} />
    </section>
  );
};
