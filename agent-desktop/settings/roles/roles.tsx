import { counted } from "../../shell/plural.ts";
import { Badge } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { ListPage } from "../parts/list-page.tsx";
import { usePages } from "../parts/use-pages.ts";
import { RoleDialog } from "./role-dialog.tsx";

type Role = RowOf<"role/list">;

const Marks = ({ role }: { role: Role }) => (
  <>
    {role.builtIn && (
      <Badge variant="light" color="gray" tt="none">
        Built in
      </Badge>
    )}
    <Badge variant="default" tt="none">
      {counted(role.members, "member")}
    </Badge>
  </>
);

const whyItStays = ({ builtIn, members }: Role) =>
  builtIn ? "Built-in roles stay" : members > 0 ? "Give its members another role first" : null;

/** The roles of the workspace: the built-in ones, and those made of permissions one by one. */
export const Roles = () => {
  const pages = usePages("role/list", {});
  const [open, setOpen] = useState<Role | "new" | null>(null);
  const cannotCreate = useRouteObstacle("role/create");
  const cannotUpdate = useRouteObstacle("role/update");
  const cannotDelete = useRouteObstacle("role/delete");
  return (
    <ListPage
      title="Roles"
      about="What members may do. A change takes effect at once for everybody who has the role."
      pages={pages}
      add={{ label: "New role", obstacle: cannotCreate, onClick: () => setOpen("new") }}
      removal={{
        verb: "Delete",
        obstacle: cannotDelete,
        about: "Nobody has it. Invitations into it have to be revoked first.",
        carryOut: ({ key }) => ask("role/delete", { params: { roleKey: key } }),
      }}
      rowOf={(role) => ({
        key: role.key,
        about: role.description ?? counted(role.permissions.length, "permission"),
        marks: <Marks role={role} />,
        actions: [
          {
            label: role.builtIn || cannotUpdate ? "View…" : "Change…",
            obstacle: null,
            onClick: () => setOpen(role),
          },
        ],
        stays: whyItStays(role),
      })}
    >
      {open !== null && (
        <RoleDialog
          key={open === "new" ? "new" : open.key}
          role={open === "new" ? null : open}
          obstacle={open === "new" ? cannotCreate : open.builtIn ? "Built-in roles stay as they are" : cannotUpdate}
          onClose={() => setOpen(null)}
          onDone={pages.reload}
        />
      )}
    </ListPage>
  );
};
