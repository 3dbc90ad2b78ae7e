import { Badge, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { ask } from "../../session/ask.ts";
import { fullWhen } from "../../list/when.ts";
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
import { HoursDialog } from "./hours-dialog.tsx";

type BusinessHours = RowOf<"business-hours/list">;

/** When somebody is there; departments choose among these. */
export const Hours = () => {
  const pages = usePages("business-hours/list", {});
  const [open, setOpen] = useState<BusinessHours | "new" | null>(null);
  const [deleting, setDeleting] = useState<BusinessHours | null>(null);
  const cannotCreate = useRouteObstacle("business-hours/create");
  const cannotUpdate = useRouteObstacle("business-hours/update");
  const cannotDelete = useRouteObstacle("business-hours/delete");

  const row = (hours: BusinessHours) => (
    <li key={hours.id} className={classes["row"]}>
      <div className={classes["what"]}>
        <div style={{ minWidth: 0 }}>
          <span className={classes["name"]}>{hours.name}</span>
          <span className={classes["faint"]}>
            {hours.timeZone}
            {hours.departments.length > 0
              ? ` · ${hours.departments.map(({ name }) => name).join(", ")}`
              : " · no department uses it"}
          </span>
        </div>
      </div>
      <div className={classes["marks"]}>
        <Badge variant="light" color={hours.open ? "green" : "gray"} tt="none">
          {hours.open ? "Open" : "Closed"}
          {hours.nextChangeAt && ` until ${fullWhen(hours.nextChangeAt)}`}
        </Badge>
      </div>
      <RowMenu
        label={hours.name}
        actions={[
          { label: "Change…", obstacle: cannotUpdate, onClick: () => setOpen(hours) },
          {
            label: "Delete…",
            danger: true,
            obstacle: cannotDelete ?? (hours.departments.length > 0 ? "A department uses it" : null),
            onClick: () => setDeleting(hours),
          },
        ]}
      />
    </li>
  );

  return (
    <Section
      title="Business hours"
      about="Weeks and holidays, in their own time zone. Without any, a department is always open."
      actions={
        <GuardedButton
          size="sm"
          obstacle={cannotCreate}
          leftSection={<IconPlus size={17} />}
          onClick={() => setOpen("new")}
        >
          New hours
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">None yet: every department is open around the clock.</Text>
          ) : (
            <ul className={classes["rows"]} aria-label="Business hours">
              {rows.map(row)}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      {open !== null && (
        <HoursDialog
          key={open === "new" ? "new" : open.id}
          hours={open === "new" ? null : open}
          obstacle={open === "new" ? cannotCreate : cannotUpdate}
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
          if (deleting) await ask("business-hours/delete", { params: { businessHoursId: deleting.id } });
          pages.reload();
        }}
      >
        <Text size="sm">No department uses it.</Text>
      </FormDialog>
    </Section>
  );
};
