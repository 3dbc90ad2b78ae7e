import { Stack } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { sentenceOf } from "../../session/ask.ts";
import { GuardedButton } from "../../shell/guarded-button.tsx";
import classes from "../settings.module.css";

type Props = {
  children: ReactNode;
  obstacle: string | null;
  submit?: string;
  onSave: () => Promise<void>;
  onRefused?: () => void;
  /** Stands beside the button. */
  extra?: ReactNode;
  /** As wide as the page, for a form of several parts; its button then stays in sight. */
  wide?: boolean;
};

/** A form that stands on a page, with what went wrong beside its button. */
export const SaveForm = ({ children, obstacle, submit = "Save", onSave, onRefused, extra, wide = false }: Props) => {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || obstacle !== null) return;
    setBusy(true);
    setProblem(null);
    try {
      await onSave();
    } catch (error) {
      setProblem(sentenceOf(error));
      onRefused?.();
    }
    setBusy(false);
  };
  return (
    <form className={classes["form"]} data-wide={wide || undefined} onSubmit={(event) => void save(event)}>
      <Stack gap="md">{children}</Stack>
      <div className={classes["save"]}>
        {problem && <span role="alert">{problem}</span>}
        {extra}
        <GuardedButton type="submit" obstacle={obstacle} loading={busy}>
          {submit}
        </GuardedButton>
      </div>
    </form>
  );
};
