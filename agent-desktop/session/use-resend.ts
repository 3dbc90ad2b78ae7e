import { useState } from "react";
import { ask, sentenceOf } from "./ask.ts";

/** A link that confirms the address: being asked for, sent, or refused for a reason. */
export type Resend = { busy: boolean; sent: boolean; problem: string | null; send: () => void };

/** Has a link mailed to whoever is signed in; `onRefused` is for what may have changed meanwhile. */
export const useResend = (onRefused?: () => void): Resend => {
  const [state, setState] = useState({ busy: false, sent: false, problem: null as string | null });
  const send = async () => {
    setState({ busy: true, sent: false, problem: null });
    try {
      await ask("auth/email/resend", {});
      setState({ busy: false, sent: true, problem: null });
    } catch (error) {
      setState({ busy: false, sent: false, problem: sentenceOf(error) });
      onRefused?.();
    }
  };
  return { ...state, send: () => void send() };
};
