import { VisuallyHidden } from "@mantine/core";
import { create } from "zustand";

const useAnnounced = create<{ text: string }>(() => ({ text: "" }));

/** Has screen readers say something, once they are done with what they are saying. */
export const announce = (text: string): void => useAnnounced.setState({ text });

/** Where announcements stand for screen readers. */
export const Announcer = () => {
  const text = useAnnounced((state) => state.text);
  return (
    <VisuallyHidden component="output" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
};
