import { Badge } from "@mantine/core";
import { useState } from "react";
import { fullWhen } from "../../list/when.ts";
import { ask } from "../../session/ask.ts";
import { useRouteObstacle } from "../own.ts";
import type { RowOf } from "../parts/ask-page.ts";
import { ListPage } from "../parts/list-page.tsx";
import { usePages } from "../parts/use-pages.ts";
import { HoursDialog } from "./hours-dialog.tsx";

type BusinessHours = RowOf<"business-hours/list">;

/** When somebody is there; departments choose among these. */
export const Hours = () => {
  const pages = usePages("business-hours/list", {});
  const [open, setOpen] = useState<BusinessHours | "new" | null>(null);
  const cannotCreate = useRouteObstacle("business-hours/create");
  const cannotUpdate = useRouteObstacle("business-hours/update");
  const cannotDelete = useRouteObstacle("business-hours/delete");
  return (
    <ListPage
      title="Business hours"
      about="Weekly hours and holidays, in a time zone of their own. A department without any is always open."
      empty="None yet: every department is open around the clock."
      pages={pages}
      add={{ label: "New hours", obstacle: cannotCreate, onClick: () => setOpen("new") }}
      removal={{
        verb: "Delete",
        obstacle: cannotDelete,
        about: "No department uses it.",
        carryOut: ({ id }) => ask("business-hours/delete", { params: { businessHoursId: id } }),
      }}
      rowOf={(hours) => {
        const users = hours.departments.map(({ name }) => name).join(", ");
        return {
          key: hours.id,
          about: `${hours.timeZone} · ${users || "no department uses it"}`,
          marks: (
            <Badge variant="light" color={hours.open ? "green" : "gray"} tt="none">
              {hours.open ? "Open" : "Closed"}
              {hours.nextChangeAt && ` until ${fullWhen(hours.nextChangeAt)}`}
            </Badge>
          ),
          actions: [{ label: "Change…", obstacle: cannotUpdate, onClick: () => setOpen(hours) }],
          stays: users ? "A department uses it" : null,
        };
      }}
    >
      {open !== null && (
        <HoursDialog
          key={open === "new" ? "new" : open.id}
          hours={open === "new" ? null : open}
          obstacle={open === "new" ? cannotCreate : cannotUpdate}
          onClose={() => setOpen(null)}
          onDone={pages.reload}
        />
      )}
    </ListPage>
  );
};
