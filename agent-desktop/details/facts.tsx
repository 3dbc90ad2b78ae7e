import { Badge, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { StatusMark } from "../list/status-mark.tsx";
import { WaitingTime } from "../list/waiting-time.tsx";
import { repliedText } from "../list/waiting.ts";
import { unansweredSince } from "../list/views.ts";
import { fullWhen } from "../list/when.ts";
import { useClientState } from "../session/client-context.tsx";
import classes from "./details.module.css";

const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </>
);

/** How the conversation stands and since when. */
export const Facts = ({ conversation }: { conversation: Conversation }) => {
  const { status, subject, departmentId, firstResponseAt, createdAt, resolvedAt, tags } = conversation;
  const waitingSince = unansweredSince(conversation);
  const departments = useClientState((state) => state.session.departments);
  const department = departments.find(({ id }) => id === departmentId)?.name;
  return (
    <section className={classes["section"]} aria-label="Conversation">
      <h2 className={classes["heading"]}>Conversation</h2>
      <dl className={classes["facts"]}>
        <Fact label="Status">
          <StatusMark status={status} />
        </Fact>
        {subject && (
          <Fact label="Subject">
            <bdi>{subject}</bdi>
          </Fact>
        )}
        {department && <Fact label="Department">{department}</Fact>}
        {waitingSince && (
          <Fact label="Waiting">
            <WaitingTime since={waitingSince} />
          </Fact>
        )}
        <Fact label="Started">{fullWhen(createdAt)}</Fact>
        <Fact label="First reply">
          {firstResponseAt ? (
            <Tooltip label={fullWhen(firstResponseAt)}>
              <time dateTime={firstResponseAt}>{repliedText(createdAt, firstResponseAt)}</time>
            </Tooltip>
          ) : (
            "not yet"
          )}
        </Fact>
        {resolvedAt && <Fact label="Resolved">{fullWhen(resolvedAt)}</Fact>}
        {tags.length > 0 && (
          <Fact label="Tags">
            {tags.map((tag) => (
              <Badge key={tag} size="sm" variant="light" tt="none" mr={4}>
                {tag}
              </Badge>
            ))}
          </Fact>
        )}
      </dl>
    </section>
  );
};
