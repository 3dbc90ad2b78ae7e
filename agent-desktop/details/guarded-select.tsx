import { Select, Tooltip, type SelectProps } from "@mantine/core";
import classes from "./details.module.css";

type Props = Omit<SelectProps, "readOnly" | "classNames"> & {
  /** Why nothing else can be chosen now; null when it can. */
  obstacle: string | null;
  /** What was chosen is being done. */
  busy: boolean;
};

/** A choice that, when it can't be changed, shows what stands, greyed out, and says why. */
export const GuardedSelect = ({ obstacle, busy, ...others }: Props) => (
  <Tooltip label={obstacle} disabled={obstacle === null} multiline maw={280}>
    <Select
      {...others}
      // Not `disabled`: that would take it out of reach of the keyboard, and the reason with it.
      readOnly={obstacle !== null || busy}
      aria-disabled={obstacle !== null || busy}
      data-greyed={obstacle !== null || undefined}
      loading={busy}
      aria-description={obstacle ?? undefined}
      classNames={{ label: classes["heading"]!, input: classes["choice"]! }}
    />
  </Tooltip>
);
