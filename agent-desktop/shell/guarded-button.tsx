import { Button, Tooltip, type ButtonProps } from "@mantine/core";
import type { ComponentProps } from "react";

type Props = ButtonProps &
  Omit<ComponentProps<"button">, keyof ButtonProps> & {
    /** Why it can't be used now; null when it can. */
    obstacle: string | null;
    hint?: string;
  };

/** A button that, when it can't be used, is greyed out and says why: to the pointer, the keyboard and screen readers. */
export const GuardedButton = ({ obstacle, hint, onClick, ...others }: Props) => (
  <Tooltip label={obstacle ?? hint} disabled={!obstacle && !hint} multiline maw={280}>
    <Button
      {...others}
      // Not `disabled`: that would take it out of reach of the keyboard, and the reason with it.
      data-disabled={obstacle !== null || undefined}
      aria-disabled={obstacle !== null}
      aria-description={obstacle ?? undefined}
      onClick={(event) => obstacle === null && onClick?.(event)}
    />
  </Tooltip>
);
