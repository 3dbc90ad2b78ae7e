import { SegmentedControl } from "@mantine/core";
import type { Audience } from "../../server/contract/entities.ts";
import { composeFor, useComposing } from "./composing.ts";
import classes from "./conversation.module.css";

const modes: { value: Audience; label: string }[] = [
  { value: "public", label: "Reply" },
  { value: "internal", label: "Note" },
];

/** The switch between a reply that the contact reads and a note that only colleagues do. */
export const ComposerModes = ({ locked }: { locked: boolean }) => {
  const audience = useComposing((state) => state.audience);
  return (
    <div className={classes["modes"]}>
      <SegmentedControl
        size="xs"
        aria-label="Who reads it"
        data={modes}
        value={audience}
        disabled={locked}
        onChange={composeFor}
      />
      <span className={classes["hint"]}>
        {audience === "internal" ? "Only colleagues see this" : "The contact sees this"}
      </span>
    </div>
  );
};
