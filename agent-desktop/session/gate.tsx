import type { ReactNode } from "react";
import { Logo } from "./logo.tsx";
import classes from "./gate.module.css";

/** The card in the middle of the page that everything before the desktop stands in. */
export const Gate = ({ children, label }: { children: ReactNode; label: string }) => (
  <main className={classes["gate"]} aria-label={label}>
    <div className={classes["card"]}>
      <div className={classes["brand"]}>
        <Logo size={30} />
        Parley
      </div>
      {children}
    </div>
  </main>
);
