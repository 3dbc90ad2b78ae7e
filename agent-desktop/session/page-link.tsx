import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import { goTo } from "./page.ts";

/** A link to another page of the desktop; `""` is the desktop itself. */
export const PageLink = ({ to, children }: { to: string; children: ReactNode }) => (
  <Anchor
    size="sm"
    href={`#/${to}`}
    onClick={(event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      goTo(to);
    }}
  >
    {children}
  </Anchor>
);
