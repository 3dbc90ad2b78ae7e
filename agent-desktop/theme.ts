import { createTheme, isOptionsGroup, type MantineColorsTuple, type OptionsFilter } from "@mantine/core";
import type { MouseEvent } from "react";
import { fold } from "../server/contract/text.ts";

/**
 * Our own instead of the library's, which can't be read everywhere: in each of them shade 7 carries white text and stands on
 * white, shade 9 stands on shades 1 and 2, and shades 3 and 4 stand on the dark surfaces, all at 4.5:1 or better.
 */
export const colors = {
  harbor: [
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
  ],
  red: ["#fff3f2", "#fdecea", "#fad4d0", "#f5aaa3", "#ff8b80", "#ee5d50", "#d33b2f", "#b3261e", "#96190f", "#7a1712"],
  yellow: [
    "#fff9db",
    "#fff3bf",
    "#ffec99",
    "#ffe066",
    "#fcc94a",
    "#e9a91c",
    "#c17d00",
    "#8a5a00",
    "#704800",
    "#573800",
  ],
  green: ["#ebfbee", "#d3f9d8", "#b2f2bb", "#8ce99a", "#6bd08a", "#3fae62", "#2b9348", "#1f7a3a", "#17632e", "#104d23"],
} as const satisfies Record<string, MantineColorsTuple>;

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

export const theme = createTheme({
  colors,
  primaryColor: "harbor",
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace',
  headings: { fontWeight: "650" },
  components: {
    EmptyState: { defaultProps: { px: "md" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    // Enter takes the first that was found.
    Select: { defaultProps: { onClick: selectText, selectFirstOptionOnChange: true, filter: findFolded } },
    MultiSelect: { defaultProps: { filter: findFolded } },
    // The focus goes to the first item: the empty element that would get it is nothing a menu may hold.
    Menu: { defaultProps: { shadow: "md", withinPortal: true, withInitialFocusPlaceholder: false } },
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
