import { Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import classes from "../settings.module.css";
import { FormDialog } from "./form-dialog.tsx";
import { MoreButton } from "./more-button.tsx";
import { RowMenu, type RowAction } from "./row-menu.tsx";
import { Section } from "./section.tsx";
import { Shown } from "./states.tsx";
import type { Pages } from "./use-pages.ts";

type Row = {
  key: string;
  /** How it stands there, where that is more than its name. */
  title?: ReactNode;
  about: ReactNode;
  marks: ReactNode;
  actions: RowAction[];
  /** Why it can't be removed. */
  stays?: string | null;
  /** It counts no more. */
  faint?: boolean;
};

type Props<T> = {
  title: string;
  about: ReactNode;
  pages: Pages<T>;
  rowOf: (one: T) => Row;
  /** What stands there instead of a list of none. */
  empty?: string;
  add: { label: string; obstacle: string | null; onClick: () => void };
  /** Done once it was confirmed; `about`: what comes of it. */
  removal: { verb: string; obstacle: string | null; about: string; carryOut: (one: T) => Promise<unknown> };
  /** Its other dialogs. */
  children: ReactNode;
};

/** A page of the settings that lists what there is, makes new ones and removes them. */
export const ListPage = <T extends { name: string }>(props: Props<T>) => {
  const { title, about, pages, rowOf, empty, add, removal, children } = props;
  // Kept while its dialog fades out, which names it.
  const [removing, setRemoving] = useState<{ one: T; asked: boolean } | null>(null);

  const show = (one: T) => {
    const row = rowOf(one);
    const remove = {
      label: `${removal.verb}…`,
      danger: true,
      obstacle: removal.obstacle ?? row.stays ?? null,
      onClick: () => setRemoving({ one, asked: true }),
    };
    return (
      <li key={row.key} className={classes["row"]} data-faint={row.faint || undefined}>
        <div className={classes["what"]}>
          <div style={{ minWidth: 0 }}>
            <span className={classes["name"]}>{row.title ?? one.name}</span>
            <span className={classes["faint"]}>{row.about}</span>
          </div>
        </div>
        <div className={classes["marks"]}>{row.marks}</div>
        <RowMenu label={one.name} actions={[...row.actions, remove]} />
      </li>
    );
  };

  return (
    <Section
      title={title}
      about={about}
      actions={
        <GuardedButton size="sm" obstacle={add.obstacle} leftSection={<IconPlus size={17} />} onClick={add.onClick}>
          {add.label}
        </GuardedButton>
      }
    >
      <Shown of={pages} data={pages.rows}>
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">{empty}</Text>
          ) : (
            <ul className={classes["rows"]} aria-label={title}>
              {rows.map(show)}
            </ul>
          )
        }
      </Shown>
      <MoreButton pages={pages} />
      {children}
      {removing && (
        <FormDialog
          opened={removing.asked}
          onClose={() => setRemoving({ ...removing, asked: false })}
          title={`${removal.verb} ${removing.one.name}?`}
          submit={removal.verb}
          danger
          obstacle={removal.obstacle}
          onRefused={pages.reload}
          onSubmit={async () => {
            await removal.carryOut(removing.one);
            pages.reload();
          }}
        >
          <Text size="sm">{removal.about}</Text>
        </FormDialog>
      )}
    </Section>
  );
};
