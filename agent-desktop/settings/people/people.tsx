import { Badge, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Face } from "../../list/face.tsx";
import { ask } from "../../session/ask.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { useMe } from "../../session/viewer.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle } from "../own.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { useAll } from "../parts/use-all.ts";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { EditMember } from "./edit-member.tsx";
import { Invitations } from "./invitations.tsx";
import { InviteDialog } from "./invite-dialog.tsx";

type Agent = RowOf<"agent/list">;

const MemberRow = ({ agent, onEdit, onTurn }: { agent: Agent; onEdit: () => void; onTurn: () => void }) => {
  const me = useMe();
  const cannotEdit = useRouteObstacle("agent/update");
  const cannotDeactivate = useRouteObstacle("agent/deactivate");
  const off = agent.status === "deactivated";
  const self = agent.id === me;
  return (
    <li className={classes["row"]} data-faint={off || undefined}>
      <div className={classes["what"]}>
        <Face name={agent.name} size={34} />
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>{self ? `${agent.name} (you)` : agent.name}</span>
          <span className={classes["faint"]}>
            {agent.email}
            {agent.departments.length > 0 && ` · ${agent.departments.map(({ name }) => name).join(", ")}`}
          </span>
        </div>
      </div>
      <div className={classes["marks"]}>
        {off && (
          <Badge color="gray" variant="light" tt="none">
            Deactivated
          </Badge>
        )}
        <Badge variant="default" tt="none">
          {agent.roleName}
        </Badge>
        <Badge variant="default" tt="none" title="Open conversations out of their capacity">
          {agent.activeCount} of {agent.capacity} open
        </Badge>
      </div>
      <RowMenu
        label={agent.name}
        actions={[
          { label: "Change…", obstacle: off ? "Bring them back first" : cannotEdit, onClick: onEdit },
          off
            ? { label: "Bring back…", obstacle: cannotDeactivate, onClick: onTurn }
            : {
                label: "Deactivate…",
                obstacle: cannotDeactivate ?? (self ? "You can't deactivate yourself" : null),
                onClick: onTurn,
                danger: true,
              },
        ]}
      />
    </li>
  );
};

/** Deactivates a member or brings them back, once it was confirmed. */
const TurnDialog = ({
  agent,
  onClose,
  onDone,
}: {
  agent: Agent | null;
  onClose: () => void;
  onDone: (agent: Agent) => void;
}) => {
  const off = agent?.status === "deactivated";
  const cannotDeactivate = useRouteObstacle("agent/deactivate");
  return (
    <FormDialog
      opened={agent !== null}
      onClose={onClose}
      title={off ? `Bring ${agent?.name} back?` : `Deactivate ${agent?.name}?`}
      submit={off ? "Bring back" : "Deactivate"}
      obstacle={cannotDeactivate}
      danger={!off}
      onSubmit={async () => {
        if (!agent) return;
        const route = off ? ("agent/reactivate" as const) : ("agent/deactivate" as const);
        onDone((await ask(route, { params: { agentId: agent.id } })).agent);
      }}
    >
      <p style={{ margin: 0, fontSize: 14 }}>
        {off
          ? "They can sign in again, with the role they had. It uses a seat of your plan."
          : "They are signed out everywhere at once, and the conversations they hold go back to the queue. What they wrote stays."}
      </p>
    </FormDialog>
  );
};

/** Members and who is invited. */
export const People = () => {
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<"active" | "deactivated" | null>("active");
  const [asked] = useDebouncedValue(search.trim(), 250);
  const [editing, setEditing] = useState<Agent | null>(null);
  const [turning, setTurning] = useState<Agent | null>(null);
  const [inviting, setInviting] = useState(false);
  const [invited, setInvited] = useState(0);
  const cannotInvite = useRouteObstacle("invitation/create");
  const cannotSeeInvitations = useRouteObstacle("invitation/list");
  const cannotSeeRoles = useRouteObstacle("role/list");
  const agents = usePages("agent/list", { query: { ...(asked && { search: asked }), ...(status && { status }) } });
  const roles = useAll("role/list", {}, cannotSeeRoles === null);
  const departments = useAll("department/list", {});
  const replace = (agent: Agent) => {
    agents.put((rows) => rows.map((row) => (row.id === agent.id ? agent : row)));
    if (status && agent.status !== status) agents.reload();
  };

  return (
    <Section
      title="People"
      about="Who belongs to this workspace, what they may do and how busy they are."
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotInvite}
          leftSection={<IconUserPlus size={17} />}
          onClick={() => setInviting(true)}
        >
          Invite
        </GuardedButton>
      }
    >
      <div className={classes["tools"]}>
        <TextInput
          aria-label="Search people"
          placeholder="Name or e-mail"
          size="sm"
          leftSection={<IconSearch size={15} />}
          value={search}
          maxLength={100}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          aria-label="Status"
          size="sm"
          w={160}
          placeholder="Everybody"
          clearable
          data={[
            { value: "active", label: "Active" },
            { value: "deactivated", label: "Deactivated" },
          ]}
          value={status}
          onChange={setStatus}
        />
      </div>
      <Shown of={agents} data={agents.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <p>Nobody matches.</p>
          ) : (
            <ul className={classes["rows"]} aria-label="Members">
              {rows.map((agent) => (
                <MemberRow
                  key={agent.id}
                  agent={agent}
                  onEdit={() => setEditing(agent)}
                  onTurn={() => setTurning(agent)}
                />
              ))}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={agents} />
      {cannotSeeInvitations === null && <Invitations key={invited} onInvite={() => setInviting(true)} />}
      <InviteDialog
        opened={inviting}
        roles={roles.data ?? []}
        departments={departments.data ?? (departments.loading ? null : [])}
        onClose={() => setInviting(false)}
        onDone={() => setInvited(invited + 1)}
      />
      <EditMember
        key={editing?.id}
        agent={editing}
        roles={roles.data ?? []}
        departments={departments.data ?? []}
        onClose={() => setEditing(null)}
        onDone={replace}
        onRefused={agents.reload}
      />
      <TurnDialog agent={turning} onClose={() => setTurning(null)} onDone={replace} />
    </Section>
  );
};
