import { NumberInput, Switch, Text, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { longestImpersonationMinutes, type PlatformTenant } from "../../server/contract/platform-routes.ts";
import { useRouteObstacle } from "../settings/own.ts";
import { FormDialog } from "../settings/parts/form-dialog.tsx";
import { actAs } from "./act.ts";
import { MemberField, type Person } from "./member-field.tsx";
import { missingReason } from "./words.ts";

type Props = {
  workspace: PlatformTenant;
  /** Who is proposed. */
  member: Person | undefined;
  onClose: () => void;
  onRefused: () => void;
};

/** Asks as whom to go on in a workspace, why, for how long and whether to change things there. */
export const ActDialog = ({ workspace, member, onClose, onRefused }: Props) => {
  const obstacle = useRouteObstacle("impersonation/create");
  const [chosen, setChosen] = useState(member);
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<number | string>(longestImpersonationMinutes / 2);
  const [write, setWrite] = useState(false);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const submit = () => {
    const { signal } = (leaving.current = new AbortController());
    const length = minutes !== "" && { minutes: Number(minutes) };
    return actAs({ tenantId: workspace.id, ...(chosen && { userId: chosen.id }), reason, write, ...length }, signal);
  };
  const missing = chosen ? missingReason(reason) : "Choose a member first";
  return (
    <FormDialog
      opened
      onClose={onClose}
      title={`Act as a member of ${workspace.name}`}
      submit="Start"
      obstacle={obstacle ?? missing}
      onSubmit={submit}
      onRefused={onRefused}
    >
      <Text size="sm">
        You see what they see. Their audit log and ours record who you are, as whom you act, and why. Passwords and
        other personal settings stay closed.
      </Text>
      <MemberField tenantId={workspace.id} chosen={chosen} onChoose={setChosen} />
      <Textarea
        label="Reason"
        required
        withAsterisk={false}
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
        placeholder="They report that a conversation does not load."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <NumberInput
        label="Minutes"
        description={`It ends by itself after that. At most ${longestImpersonationMinutes}.`}
        min={1}
        max={longestImpersonationMinutes}
        clampBehavior="strict"
        allowDecimal={false}
        value={minutes}
        onChange={setMinutes}
      />
      <Switch
        label="Let me change things"
        description="Otherwise you can only look. What you do is done in their name."
        checked={write}
        onChange={(event) => setWrite(event.currentTarget.checked)}
      />
    </FormDialog>
  );
};
