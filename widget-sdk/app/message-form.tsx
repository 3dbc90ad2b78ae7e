/** @jsxImportSource preact */
import { useEffect, useRef, useState } from "preact/hooks";
import { isEmail } from "../../server/contract/email-address.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import { bodyProblem } from "../core/body.ts";
import { replyText } from "./availability.ts";
import { mustBeEmail } from "./reach.tsx";
import type { Storage } from "./storage.ts";

/** A message for later, and how to reach whoever leaves it. */
export type Left = { body: string; name?: string; email?: string };

type FieldName = keyof Left;
type Problem = { field: FieldName; text: string };

type Props = {
  /** What was sent and not taken, with the server's word why. */
  refused: (Partial<Left> & { error?: ErrorBody }) | undefined;
  storage: Storage;
  /** When it opens again, as a line. */
  when: string;
  name: string | undefined;
  /** Where unread replies are mailed, as far as that is known. */
  address: string | undefined;
  /** The site has told who this is, and its word counts: nothing is asked that would not be taken. */
  known: boolean;
  blocked: string | undefined;
  onLeave: (left: Left) => void;
};

// What is written while it is closed is still there as a draft once it opens, and the other way round.
const draftName = "draft:new";

/** The field that a refusal names, `email: must be …`; whatever it does not name is told beside the message. */
const problemOf = (error: ErrorBody | undefined): Problem | undefined => {
  if (!error) return undefined;
  const [, field = "body", words] = /^(name|email): (.*)$/su.exec(error.message) ?? [];
  if (field === "email") return { field, text: mustBeEmail };
  return field === "name" ? { field, text: `The name ${words}.` } : { field: "body", text: error.message };
};

/** Instead of the composer while nobody is there to answer. */
export const MessageForm = ({
  refused,
  storage,
  when,
  name: told = "",
  address: given,
  known,
  blocked,
  onLeave,
}: Props) => {
  const [body, setBody] = useState(refused?.body ?? storage.get(draftName) ?? "");
  const [name, setName] = useState(refused?.name ?? told);
  const [email, setEmail] = useState(refused?.email ?? given ?? "");
  const [problem, setProblem] = useState(problemOf(refused?.error));
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>(`[name=${problem.field}]`)?.focus();
  }, [problem]);

  const findProblem = (): Problem | undefined => {
    if (!known && !isEmail(email.trim())) return { field: "email", text: mustBeEmail };
    const wrong = bodyProblem(body.trim())?.message;
    return wrong === undefined ? undefined : { field: "body", text: wrong };
  };

  /** What ties a field to what is wrong with it. */
  const marked = (field: FieldName) => ({
    name: field,
    "aria-invalid": problem?.field === field,
    "aria-describedby": problem?.field === field ? "wrong" : undefined,
  });

  const submit = (event: Event) => {
    event.preventDefault();
    const wrong = findProblem();
    setProblem(wrong);
    if (wrong || blocked) return;
    storage.remove(draftName);
    onLeave({
      body: body.trim(),
      ...(!known && name.trim() !== "" && name !== told && { name: name.trim() }),
      ...(!known && { email: email.trim() }),
    });
  };

  const address = known ? given : [email.trim()].find(isEmail);
  const where =
    known || address !== undefined
      ? replyText(address)
      : "We'll reply here and by e-mail, so please leave your address.";

  return (
    <form ref={form} class="leave" aria-label="Leave a message" noValidate onSubmit={submit}>
      <p>
        {when}. <strong>Leave us a message.</strong> {where}
      </p>
      {!known && (
        <>
          <label>
            Name
            <input
              {...marked("name")}
              type="text"
              dir="auto"
              autocomplete="name"
              maxLength={200}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label>
            E-mail
            <input
              {...marked("email")}
              // Not "email": the browser's own rule refuses addresses in other scripts.
              type="text"
              inputMode="email"
              autocapitalize="none"
              spellcheck={false}
              autocomplete="email"
              required
              maxLength={254}
              value={email}
              onInput={(event) => setEmail(event.currentTarget.value)}
            />
          </label>
        </>
      )}
      <label>
        Message
        <textarea
          {...marked("body")}
          rows={4}
          dir="auto"
          required
          value={body}
          onInput={(event) => {
            setBody(event.currentTarget.value);
            storage.set(draftName, event.currentTarget.value);
          }}
        />
      </label>
      {(problem ?? blocked) && (
        <p class="wrong" id="wrong" role="alert">
          {problem?.text ?? blocked}
        </p>
      )}
      <button type="submit" class="primary">
        Send the message
      </button>
    </form>
  );
};
