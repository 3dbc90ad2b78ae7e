import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "../settings.module.css";

type Props = { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode };

/** One page of the settings: what it is about, what can be done there, and what there is. */
export const Section = ({ title, about, actions, children }: Props) => (
  <>
    <header className={classes["title"]}>
      <div>
        <Title order={1} size="h3" tabIndex={-1} data-settings-title>
          {title}
        </Title>
        {about && <p>{about}</p>}
      </div>
      {actions && <div className={classes["actions"]}>{actions}</div>}
    </header>
    {children}
  </>
);

/** A part of such a page, with a heading of its own. */
export const Part = ({ title, about, actions, children }: Props) => (
  <section className={classes["part"]} aria-label={title}>
    <header className={classes["title"]}>
      <div>
        <Title order={2} size="h5">
          {title}
        </Title>
        {about && <p>{about}</p>}
      </div>
      {actions && <div className={classes["actions"]}>{actions}</div>}
    </header>
    {children}
  </section>
);
