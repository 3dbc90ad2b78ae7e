import { useEffect, useState } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { isBlank } from "../../server/contract/text.ts";
import { bodyProblem } from "../../widget-sdk/core/body.ts";
import { useClient } from "../session/client-context.tsx";
import { changeEdited, stopEditing, stopReplyingTo, useComposing } from "./composing.ts";
import { setDraft, useDraft } from "./drafts.ts";
import { editMessage } from "./message-actions.ts";
import { seenSeq } from "./seen.ts";

/** The composer's doings: what it holds, and what sending, saving and cancelling mean right now. */
export const useComposer = ({ id }: Conversation) => {
  const client = useClient();
  const { audience, editing, replyingTo } = useComposing();
  const draft = useDraft(id, audience);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ text: string; problem: string } | null>(null);
  const text = editing ? editing.body : draft;
  // Whoever leaves a half-written message has stopped typing it.
  useEffect(() => () => client.setTyping(id, false, audience), [client, id, audience]);

  const write = (value: string) => {
    if (editing) return changeEdited(value);
    setDraft(id, audience, value);
    client.setTyping(id, !isBlank(value), audience);
  };

  const save = async () => {
    if (!editing) return;
    setBusy(true);
    const refusal = await editMessage(client, editing, text);
    setBusy(false);
    if (refusal) setRefused({ text, problem: `Could not save it: ${refusal}` });
    else stopEditing();
  };

  const submit = () => {
    if (isBlank(text) || busy) return;
    const refusal = bodyProblem(text);
    if (refusal) return setRefused({ text, problem: refusal.message });
    if (editing) return void save();
    const seen = audience === "public" ? seenSeq(id, Date.now()) : undefined;
    client.send({
      conversationId: id,
      audience,
      body: text,
      ...(replyingTo && { replyToSeq: replyingTo.seq }),
      ...(seen !== undefined && { seenSeq: seen }),
    });
    setDraft(id, audience, "");
    if (replyingTo) stopReplyingTo();
  };

  /** Undoes the edit or the quote; false when there was none. */
  const cancel = (): boolean => {
    if (editing) stopEditing();
    else if (replyingTo) stopReplyingTo();
    else return false;
    return true;
  };

  // A refusal is about the text as it was: the next key takes it away.
  const problem = refused?.text === text ? refused.problem : null;
  return { text, write, submit, cancel, busy, problem };
};
