import { Badge, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import { useRouteObstacle } from "../own.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { MoreButton } from "../parts/more-button.tsx";
import { RowMenu } from "../parts/row-menu.tsx";
import { Section } from "../parts/section.tsx";
import { Shown } from "../parts/states.tsx";
import type { RowOf } from "../parts/ask-page.ts";
import { usePages } from "../parts/use-pages.ts";
import classes from "../settings.module.css";
import { RoleDialog } from "./role-dialog.tsx";

type Role = RowOf<"role/list">;

/** The roles of the workspace: the built-in ones, and those made of permissions one by one. */
export const Roles = () => {
  const pages = usePages("role/list", {});
  const [open, setOpen] = useState<Role | "new" | null>(null);
  const [deleting, setDeleting] = useState<Role | null>(null);
  const cannotCreate = useRouteObstacle("role/create");
  const cannotUpdate = useRouteObstacle("role/update");
  const cannotDelete = useRouteObstacle("role/delete");

  const row = (role: Role) => (
    <li key={role.key} className={classes["row"]}>
      <div className={classes["what"]}>
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>{role.name}</span>
          <span className={classes["faint"]}>{role.description ?? `${role.permissions.length} permissions`}</span>
        </div>
      </div>
      <div className={classes["marks"]}>
        {role.builtIn && (
          <Badge variant="light" color="gray" tt="none">
            Built in
          </Badge>
        )}
        <Badge variant="default" tt="none">
          {role.members === 1 ? "1 member" : `${role.members} members`}
        </Badge>
      </div>
      <RowMenu
        label={role.name}
        actions={[
          {
            label: role.builtIn || cannotUpdate ? "Look at it…" : "Change…",
            obstacle: null,
            onClick: () => setOpen(role),
          },
          {
            label: "Delete…",
            danger: true,
            obstacle:
              cannotDelete ??
              (role.builtIn ? "Built-in roles stay" : role.members > 0 ? "Give its members another role first" : null),
            onClick: () => setDeleting(role),
          },
        ]}
      />
    </li>
  );

  return (
    <Section
      title="Roles"
      about="What members may do. A change is felt at once by everybody who holds the role."
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={17} />}
          onClick={() => setOpen("new")}
        >
          New role
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows}>
        {(rows) => (
          <ul className={classes["rows"]} aria-label="Roles">
            {rows.map(row)}
          </ul>
        )}
      </Shown>
      <MoreButton pages={pages} />
      {open !== null && (
        <RoleDialog
          key={open === "new" ? "new" : open.key}
          role={open === "new" ? null : open}
          obstacle={open === "new" ? cannotCreate : open.builtIn ? "Built-in roles stay as they are" : cannotUpdate}
          onClose={() => setOpen(null)}
          onDone={pages.reload}
        />
      )}
      <FormDialog
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting?.name}?`}
        submit="Delete"
        danger
        obstacle={cannotDelete}
        onRefused={pages.reload}
        onSubmit={async () => {
          if (deleting) await ask("role/delete", { params: { roleKey: deleting.key } });
          pages.reload();
        }}
      >
        <Text size="sm">Nobody holds it. Invitations into it have to be taken back first.</Text>
      </FormDialog>
    </Section>
  );
};
