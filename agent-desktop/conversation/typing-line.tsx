import { contactName } from "../list/names.ts";
import type { Typist } from "../../widget-sdk/core/state.ts";
import { useClientState } from "../session/client-context.tsx";
import classes from "./conversation.module.css";
import { useScene } from "./scene.ts";

const nobody: Typist[] = [];

/** Who is writing right now. Its place is always kept, so that nothing jumps. */
export const TypingLine = () => {
  const { conversation, me, nameOf } = useScene();
  const spoken = useClientState((state) => state.typing[`${conversation.id}:public`] ?? nobody);
  const noted = useClientState((state) => state.typing[`${conversation.id}:internal`] ?? nobody);
  const name = ({ actor }: Typist) =>
    actor.kind === "contact" ? contactName(conversation) : (actor.name ?? nameOf(actor.id) ?? "A colleague");
  const others = (typists: Typist[]) => typists.filter(({ actor }) => actor.id !== me);
  const lines = [
    ...others(spoken).map((typist) => `${name(typist)} is typing`),
    ...others(noted).map((typist) => `${name(typist)} is writing a note`),
  ];
  return (
    <output className={classes["typing"]}>
      {lines.length > 0 && (
        <>
          <span className={classes["dots"]} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {lines.join(", ")}
        </>
      )}
    </output>
  );
};
