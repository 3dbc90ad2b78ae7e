import { Switch } from "@mantine/core";
import { useState } from "react";
import { Section } from "../settings/parts/section.tsx";
import classes from "../settings/settings.module.css";
import { ImpersonationList } from "./impersonation-list.tsx";

/** Where Parley's staff are or were in a member's place. */
export const Impersonations = () => {
  const [active, setActive] = useState(false);
  return (
    <Section
      title="Impersonations"
      about="Which of Parley's staff acted as whom, where and why. Each ends by itself. Whoever may start one can also end one at once."
    >
      <div className={classes["tools"]}>
        <Switch
          label="In progress only"
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
      </div>
      <ImpersonationList active={active} />
    </Section>
  );
};
