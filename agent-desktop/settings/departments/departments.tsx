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
      {department.members.length === 1 ? "1 member" : `${department.members.length} members`}
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
      about="Groups of agents, and how they share out the conversations that come to them."
      empty="There is none yet: visitors wait until there is one."
      pages={pages}
      add={{ label: "New department", obstacle: cannotCreate, onClick: () => setCreating(true) }}
      removal={{
        verb: "Delete",
        obstacle: cannotDelete,
        about: "If it ever had a conversation it is archived instead: it takes no more, and those it had stay.",
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
