/** @jsxImportSource preact */
import { useEffect, useRef, useState } from "preact/hooks";
import { bodyProblem } from "../core/body.ts";
import type { Storage } from "./storage.ts";

/** A message for later, and how to reach whoever leaves it. */
export type Left = { body: string; name?: string; email?: string };

type Props = {
  storage: Storage;
  /** When it opens again, as a line. */
  when: string;
  name: string | undefined;
  /** The site has told who this is, so that they can be reached without asking. */
  known: boolean;
  blocked: string | undefined;
  onLeave: (left: Left) => void;
};

// What is written while it is closed is still there as a draft once it opens, and the other way round.
const draftName = "draft:new";

/** Instead of the composer while nobody is there to answer. */
export const MessageForm = ({ storage, when, name: told = "", known, blocked, onLeave }: Props) => {
  const [body, setBody] = useState(storage.get(draftName) ?? "");
  const [name, setName] = useState(told);
  const [email, setEmail] = useState("");
  const [problem, setProblem] = useState<string>();
  const text = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    if (problem) text.current?.focus();
  }, [problem]);

  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = bodyProblem(body.trim())?.message;
    setProblem(wrong);
    if (wrong || blocked) return;
    storage.remove(draftName);
    onLeave({
      body: body.trim(),
      ...(name.trim() !== "" && name !== told && { name: name.trim() }),
      ...(email.trim() !== "" && { email: email.trim() }),
    });
  };

  return (
    <form class="leave" aria-label="Leave a message" onSubmit={submit}>
      <p>
        {when}. <strong>Leave us a message</strong> and how to reach you.
      </p>
      <label>
        Name
        <input
          type="text"
          autocomplete="name"
          maxLength={200}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        E-mail{known ? " (optional)" : ""}
        <input
          type="email"
          autocomplete="email"
          required={!known}
          maxLength={254}
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </label>
      <label>
        Message
        <textarea
          ref={text}
          rows={4}
          required
          aria-invalid={problem !== undefined}
          value={body}
          onInput={(event) => {
            setBody(event.currentTarget.value);
            storage.set(draftName, event.currentTarget.value);
          }}
        />
      </label>
      {(problem ?? blocked) && (
        <p class="wrong" role="alert">
          {problem ?? blocked}
        </p>
      )}
      <button type="submit" class="primary">
        Leave the message
      </button>
    </form>
  );
};
