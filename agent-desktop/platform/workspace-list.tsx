import { Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { PlatformTenant } from "../../server/contract/platform-routes.ts";
import type { PlanName } from "../../server/contract/plans.ts";
import { fullWhen } from "../list/when.ts";
import { goTo } from "../session/page.ts";
import { useRouteObstacle } from "../settings/own.ts";
import { MoreButton } from "../settings/parts/more-button.tsx";
import { Section } from "../settings/parts/section.tsx";
import { Shown } from "../settings/parts/states.tsx";
import { usePages } from "../settings/parts/use-pages.ts";
import classes from "../settings/settings.module.css";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { CreateWorkspace } from "./create-workspace.tsx";
import { workspacePath } from "./paths.ts";
import { membersText, planChoices } from "./words.ts";
import { WorkspaceMarks } from "./workspace-marks.tsx";

const Row = ({ workspace }: { workspace: PlatformTenant }) => (
  <li className={classes["row"]} data-faint={workspace.status === "suspended" || undefined}>
    <div className={classes["what"]}>
      <div style={{ minWidth: 0 }}>
        <a className={classes["name"]} style={{ color: "inherit" }} href={`#/${workspacePath(workspace.id)}`}>
          {workspace.name}
        </a>
        <span className={classes["faint"]}>
          {workspace.slug} · {membersText(workspace.agents)} · since {fullWhen(workspace.createdAt)}
        </span>
      </div>
    </div>
    <div className={classes["marks"]}>
      <WorkspaceMarks workspace={workspace} />
    </div>
  </li>
);

/** All workspaces, the newest first, searched and filtered by the server. */
export const WorkspaceList = () => {
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<PlatformTenant["status"] | null>(null);
  const [plan, setPlan] = useState<PlanName | null>(null);
  const [asked] = useDebouncedValue(search.trim(), 250);
  const [creating, setCreating] = useState(false);
  const cannotCreate = useRouteObstacle("platform-tenant/create");
  const pages = usePages("platform-tenant/list", {
    query: { ...(asked && { search: asked }), ...(status && { status }), ...(plan && { plan }) },
  });
  const narrowed = asked !== "" || status !== null || plan !== null;
  return (
    <Section
      title="Workspaces"
      about="Every company that uses Parley, the newest first."
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={17} />}
          onClick={() => setCreating(true)}
        >
          New workspace
        </GuardedButton>
      }
    >
      <div className={classes["tools"]}>
        <TextInput
          aria-label="Search workspaces"
          placeholder="Name, short name or id"
          size="sm"
          w={260}
          leftSection={<IconSearch size={15} />}
          maxLength={100}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          aria-label="Status"
          size="sm"
          w={150}
          placeholder="Any status"
          clearable
          data={[
            { value: "active", label: "Open" },
            { value: "suspended", label: "Suspended" },
          ]}
          value={status}
          onChange={setStatus}
        />
        <Select
          aria-label="Plan"
          size="sm"
          w={150}
          placeholder="Any plan"
          clearable
          data={planChoices}
          value={plan}
          onChange={setPlan}
        />
      </div>
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <p>{narrowed ? "Nothing matches." : "No workspaces yet. Create the first one, or wait for a sign-up."}</p>
          ) : (
            <ul className={classes["rows"]} aria-label="Workspaces">
              {rows.map((workspace) => (
                <Row key={workspace.id} workspace={workspace} />
              ))}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      {creating && (
        <CreateWorkspace
          obstacle={cannotCreate}
          onClose={() => setCreating(false)}
          onDone={(id) => goTo(workspacePath(id))}
        />
      )}
    </Section>
  );
};
