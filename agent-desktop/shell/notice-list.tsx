import { Notification } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconInfoCircle } from "@tabler/icons-react";
import { useEffect } from "react";
import { dismissNotice, useNotices, type Notice } from "./notices.ts";
import classes from "./shell.module.css";

const looks = {
  error: { color: "red", icon: <IconAlertCircle size={18} />, stayMs: 9000 },
  info: { color: "harbor", icon: <IconInfoCircle size={18} />, stayMs: 3500 },
  success: { color: "green", icon: <IconCheck size={18} />, stayMs: 3500 },
};

const One = ({ notice }: { notice: Notice }) => {
  const { color, icon, stayMs } = looks[notice.kind];
  useEffect(() => {
    const timer = setTimeout(() => dismissNotice(notice.id), stayMs);
    return () => clearTimeout(timer);
  }, [notice.id, stayMs]);
  return (
    <Notification
      color={color}
      icon={icon}
      withBorder
      closeButtonProps={{ "aria-label": "Dismiss" }}
      onClose={() => dismissNotice(notice.id)}
      role={notice.kind === "error" ? "alert" : "status"}
    >
      {notice.text}
    </Notification>
  );
};

/** What the person is told at the edge of the screen. */
export const Notices = () => {
  const notices = useNotices((state) => state.notices);
  return (
    <div className={classes["notices"]}>
      {notices.map((notice) => (
        <One key={notice.id} notice={notice} />
      ))}
    </div>
  );
};
