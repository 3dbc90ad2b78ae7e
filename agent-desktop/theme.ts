import { createTheme, isOptionsGroup, type MantineColorsTuple, type OptionsFilter } from "@mantine/core";
import type { MouseEvent } from "react";
import { fold } from "../server/contract/text.ts";

const harbor: MantineColorsTuple = [
  "#ecf8f6",
  "#d6f0ec",
  "#abdfd7",
  "#7accc0",
  "#4db7a9",
  "#2a9f91",
  "#17877a",
  "#0f7065",
  "#0c5a52",
  "#083f3a",
];

/** What is typed into a choice looks for another one, instead of being put behind what stands there. */
const selectText = ({ currentTarget }: MouseEvent<HTMLInputElement>): void => {
  if (!currentTarget.readOnly) currentTarget.select();
};

/** Finds `Zoë` by `zoe`, and `Müller` however a keyboard composes its letters. */
const findFolded: OptionsFilter = ({ options, search, limit }) => {
  const wanted = fold(search.trim());
  let left = limit;
  const found = (option: { label: string }) => fold(option.label).includes(wanted) && left-- > 0;
  return options
    .map((option) => (isOptionsGroup(option) ? { ...option, items: option.items.filter(found) } : option))
    .filter((option) => (isOptionsGroup(option) ? option.items.length > 0 : found(option)));
};

/** Shade 7 in both schemes: white text on it passes 4.5:1. */
export const theme = createTheme({
  colors: { harbor },
  primaryColor: "harbor",
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace',
  headings: { fontWeight: "650" },
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    // Enter takes the first that was found.
    Select: { defaultProps: { onClick: selectText, selectFirstOptionOnChange: true, filter: findFolded } },
    MultiSelect: { defaultProps: { filter: findFolded } },
    Menu: { defaultProps: { shadow: "md", withinPortal: true } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: "lg",
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { "aria-label": "Close" },
      },
    },
  },
});
