import { createTheme, type MantineColorsTuple } from "@mantine/core";
import type { MouseEvent } from "react";

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
    Select: { defaultProps: { onClick: selectText, selectFirstOptionOnChange: true } },
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
