import { Badge, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { goTo } from "../../session/page.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { CreateDepartment } from "./create-department.tsx";
import { DepartmentPage } from "./department-page.tsx";
import { strategyNames } from "./words.ts";

type Department = RowOf<"department/list">;
export const departmentPath = (id: string): string => `settings/departments/${id}`;

const Marks = ({ department }: { department: Department }) => (
  <div className={classes["marks"]}>
    {!department.open && (
      <Badge variant="light" color="gray" tt="none">
        Closed now
      </Badge>
    )}
    {department.offerSeconds !== null && (
      <Badge variant="default" tt="none">
        Asks for {department.offerSeconds} s
      </Badge>
    )}
    <Badge variant="default" tt="none">
      {department.members.length === 1 ? "1 member" : `${department.members.length} members`}
    </Badge>
  </div>
);

const DepartmentList = () => {
  const pages = usePages("department/list", {});
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Department | null>(null);
  const cannotCreate = useRouteObstacle("department/create");
  const cannotDelete = useRouteObstacle("department/delete");

  const row = (department: Department) => (
    <li key={department.id} className={classes["row"]}>
      <div className={classes["what"]}>
        <div style={{ minWidth: 0 }}>
          <a className={classes["name"]} style={{ color: "inherit" }} href={`#/${departmentPath(department.id)}`}>
            {department.name}
          </a>
          <span className={classes["faint"]}>{strategyNames[department.strategy]}</span>
        </div>
      </div>
      <Marks department={department} />
      <RowMenu
        label={department.name}
        actions={[
          { label: "Open", obstacle: null, onClick: () => goTo(departmentPath(department.id)) },
          { label: "Delete…", obstacle: cannotDelete, danger: true, onClick: () => setDeleting(department) },
        ]}
      />
    </li>
  );

  return (
    <Section
      title="Departments"
      about="Groups of agents, and how they share out the conversations that come to them."
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={17} />}
          onClick={() => setCreating(true)}
        >
          New department
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">There is none yet: visitors wait until there is one.</Text>
          ) : (
            <ul className={classes["rows"]} aria-label="Departments">
              {rows.map(row)}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      <CreateDepartment
        opened={creating}
        obstacle={cannotCreate}
        onClose={() => setCreating(false)}
        onDone={(id) => goTo(departmentPath(id))}
      />
      <FormDialog
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting?.name}?`}
        submit="Delete"
        danger
        obstacle={cannotDelete}
        onRefused={pages.reload}
        onSubmit={async () => {
          if (deleting) await ask("department/delete", { params: { departmentId: deleting.id } });
          pages.reload();
        }}
      >
        <Text size="sm">
          If it ever had a conversation it is archived instead: it takes no more, and those it had stay.
        </Text>
      </FormDialog>
    </Section>
  );
};

/** All departments, or the one whose id the address names. */
export const Departments = ({ rest }: { rest: string }) =>
  rest ? <DepartmentPage key={rest} id={rest} /> : <DepartmentList />;
