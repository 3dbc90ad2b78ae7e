import { ActionIcon, Tooltip } from "@mantine/core";
import { IconKeyboard, IconSettings } from "@tabler/icons-react";
import type { LoginData } from "../../server/contract/admin.ts";
import { Logo } from "../session/logo.tsx";
import { goTo, settingsPath } from "../session/page.ts";
import { AvailabilitySwitch } from "./availability-switch.tsx";
import { ColleaguesMenu } from "./colleagues-menu.tsx";
import { AlertsMenu } from "./alerts-menu.tsx";
import { SchemeSwitch } from "./scheme-switch.tsx";
import classes from "./shell.module.css";
import { useUi } from "./ui-store.ts";
import { UserMenu } from "./user-menu.tsx";

/** The bar at the top: where one works, whether one is available, and one's own settings. */
export const TopBar = ({ login }: { login: LoginData }) => (
  <section className={classes["bar"]} aria-label="Workspace">
    <div className={classes["brand"]}>
      <Logo size={26} />
      <span className={classes["workspace"]}>{login.tenant.name}</span>
    </div>
    <div className={classes["spring"]} />
    <AvailabilitySwitch />
    <ColleaguesMenu />
    <AlertsMenu />
    <SchemeSwitch />
    <Tooltip label="Settings">
      <ActionIcon
        component="a"
        href={`#/${settingsPath}/account`}
        data-spare
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Settings"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          goTo(`${settingsPath}/account`);
        }}
      >
        <IconSettings size={19} />
      </ActionIcon>
    </Tooltip>
    <Tooltip label="Keys (?)">
      <ActionIcon
        data-spare
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Keyboard shortcuts"
        onClick={() => useUi.setState({ helpShown: true })}
      >
        <IconKeyboard size={19} />
      </ActionIcon>
    </Tooltip>
    <UserMenu login={login} />
  </section>
);
