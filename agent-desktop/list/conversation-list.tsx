import { Button } from "@mantine/core";
import { useCallback, type ReactNode } from "react";
import { useClient } from "../session/client-context.tsx";
import { useMe, useNameOf } from "../session/viewer.ts";
import { tell } from "../shell/notices.ts";
import { showConversation, useUi } from "../shell/ui-store.ts";
import { ConversationRow } from "./conversation-row.tsx";
import { ListHead } from "./list-head.tsx";
import classes from "./list.module.css";
import { ListEmpty, ListLoading, ListProblem } from "./list-states.tsx";
import { extendShelf, loadShelf } from "./shelves.ts";
import { useList, useSearchLoading, useShelfLoading } from "./use-list.ts";

/** The left pane: which conversations there are, live. */
export const ConversationList = ({ firstSteps }: { firstSteps: ReactNode }) => {
  const client = useClient();
  const me = useMe();
  const nameOf = useNameOf();
  const { openId, cursorId } = useUi();
  const { shelf, state, rows, searching } = useList();
  useShelfLoading();
  useSearchLoading();
  const open = useCallback((id: string) => showConversation(id), []);
  const more = () => extendShelf(client, shelf).catch((error: Error) => tell("error", error.message));

  const reachable = rows.some(({ id }) => id === cursorId) ? cursorId : rows[0]?.id;
  const phase = state?.phase ?? "loading";
  return (
    <nav className={classes["pane"]} aria-label="Conversations" data-pane="list">
      <ListHead />
      <div className={classes["scroll"]} aria-busy={phase === "loading"}>
        {phase === "loading" && rows.length === 0 && <ListLoading />}
        {phase === "error" && (
          <ListProblem problem={state?.problem ?? ""} onRetry={() => void loadShelf(client, shelf, me)} />
        )}
        {firstSteps && <div style={{ padding: 12 }}>{firstSteps}</div>}
        {phase === "ready" && rows.length === 0 && !firstSteps && (
          <ListEmpty shelf={shelf} filtered={searching} goesOn={Boolean(state?.nextCursor)} />
        )}
        {rows.length > 0 && (
          <ul className={classes["rows"]}>
            {rows.map((conversation) => (
              <ConversationRow
                key={conversation.id}
                conversation={conversation}
                me={me}
                nameOf={nameOf}
                open={conversation.id === openId}
                reachable={conversation.id === reachable}
                onOpen={open}
              />
            ))}
          </ul>
        )}
        {state?.nextCursor && (
          <div className={classes["foot"]}>
            <Button variant="subtle" size="xs" loading={state.extending} onClick={() => void more()}>
              {searching ? "Look further" : "Load more"}
            </Button>
          </div>
        )}
      </div>
    </nav>
  );
};
