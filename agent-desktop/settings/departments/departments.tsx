import { counted } from "../../shell/plural.ts";
import { Badge } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { goTo } from "../../session/page.ts";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { ListPage } from "../parts/list-page.tsx";
import { usePages } from "../parts/use-pages.ts";
import { CreateDepartment } from "./create-department.tsx";
import { DepartmentPage } from "./department-page.tsx";
import { strategyNames } from "./words.ts";

type Department = RowOf<"department/list">;
export const departmentPath = (id: string): string => `settings/departments/${id}`;

const Marks = ({ department }: { department: Department }) => (
  <>
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
      {counted(department.members.length, "member")}
    </Badge>
  </>
);

const DepartmentList = () => {
  const pages = usePages("department/list", {});
  const [creating, setCreating] = useState(false);
  const cannotCreate = useRouteObstacle("department/create");
  const cannotDelete = useRouteObstacle("department/delete");
  return (
    <ListPage
      title="Departments"
      about="Groups of agents, and how conversations are routed to them."
      empty="No departments yet. Contacts wait until there is one."
      pages={pages}
      add={{ label: "New department", obstacle: cannotCreate, onClick: () => setCreating(true) }}
      removal={{
        verb: "Delete",
        obstacle: cannotDelete,
        about: "If it ever had a conversation, it is archived instead: it takes no new ones and keeps those it had.",
        carryOut: ({ id }) => ask("department/delete", { params: { departmentId: id } }),
      }}
      rowOf={(department) => ({
        key: department.id,
        title: (
          <a style={{ color: "inherit" }} href={`#/${departmentPath(department.id)}`}>
            {department.name}
          </a>
        ),
        about: strategyNames[department.strategy],
        marks: <Marks department={department} />,
        actions: [{ label: "Open", obstacle: null, onClick: () => goTo(departmentPath(department.id)) }],
      })}
    >
      <CreateDepartment
        opened={creating}
        obstacle={cannotCreate}
        onClose={() => setCreating(false)}
        onDone={(id) => goTo(departmentPath(id))}
      />
    </ListPage>
  );
};

/** All departments, or the one whose id the address names. */
export const Departments = ({ rest }: { rest: string }) =>
  rest ? <DepartmentPage key={rest} id={rest} /> : <DepartmentList />;
