import type { CSSProperties } from "react";
import type { Status } from "../../server/contract/entities.ts";
import classes from "./list.module.css";
import { statusLooks } from "./status.ts";

/** A status as a dot and its name. */
export const StatusMark = ({ status }: { status: Status }) => (
  <span className={classes["status"]}>
    <span className={classes["dot"]} style={{ "--dot": statusLooks[status].dot } as CSSProperties} aria-hidden />
    {statusLooks[status].name}
  </span>
);
