import { Tooltip, UnstyledButton } from "@mantine/core";
import type { Entry } from "../../server/contract/entities.ts";
import { contactName } from "../list/names.ts";
import { useClient } from "../session/client-context.tsx";
import { useObstacle } from "../session/viewer.ts";
import classes from "./conversation.module.css";
import { react } from "./message-actions.ts";
import { useScene, type Scene } from "./scene.ts";

const whoReacted = (actors: { kind: string; id: string }[], { me, nameOf, conversation }: Scene) =>
  actors
    .map(({ kind, id }) => {
      if (kind === "contact") return contactName(conversation);
      return id === me ? "You" : (nameOf(id) ?? "An agent");
    })
    .join(", ");

/** The emoji on a message; a click adds one's own or takes it back. */
export const Reactions = ({ entry }: { entry: Entry }) => {
  const client = useClient();
  const scene = useScene();
  const obstacle = useObstacle("message.send");
  if (!entry.reactions || entry.reactions.length === 0) return null;
  return (
    <div className={classes["reactions"]}>
      {entry.reactions.map(({ emoji, actors }) => {
        const own = actors.some(({ kind, id }) => kind === "agent" && id === scene.me);
        const who = whoReacted(actors, scene);
        return (
          <Tooltip key={emoji} label={obstacle ?? who}>
            <UnstyledButton
              className={classes["reaction"]}
              aria-pressed={own}
              aria-label={`${emoji} ${actors.length} by ${who}`}
              aria-disabled={obstacle !== null}
              onClick={() => obstacle ?? void react(client, entry, emoji, own)}
            >
              <span aria-hidden>{emoji}</span>
              <span aria-hidden>{actors.length}</span>
            </UnstyledButton>
          </Tooltip>
        );
      })}
    </div>
  );
};
