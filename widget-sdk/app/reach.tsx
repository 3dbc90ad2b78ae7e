/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import { emailProblem, isEmail } from "../../server/contract/email-address.ts";
import { ParleyError } from "../core/errors.ts";

export const mustBeEmail = `The address ${emailProblem}.`;

/** Asks whoever waits while nobody is there for an address: they may be gone by the time of the reply. */
export const Reach = ({ onGive }: { onGive: (email: string) => Promise<unknown> }) => {
  const [email, setEmail] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: Event) => {
    event.preventDefault();
    const address = email.trim();
    if (busy) return;
    if (!isEmail(address)) {
      setProblem(mustBeEmail);
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await onGive(address);
    } catch (error) {
      setProblem(error instanceof ParleyError ? error.message : "That did not work. Please try again.");
    }
    setBusy(false);
  };

  return (
    <form class="reach" aria-label="Your e-mail address" noValidate onSubmit={(event) => void submit(event)}>
      <label>
        Your e-mail, for our reply
        <input
          name="email"
          // Not "email": the browser's own rule refuses addresses in other scripts.
          type="text"
          inputMode="email"
          autocapitalize="none"
          spellcheck={false}
          autocomplete="email"
          maxLength={254}
          value={email}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : "unreached"}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={busy}>
        Save
      </button>
      {problem && (
        <p class="wrong" id="unreached" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
};
