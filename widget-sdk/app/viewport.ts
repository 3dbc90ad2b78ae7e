/**
 * Tells the style sheet how much of the window can be seen, since an on-screen keyboard may lie over the rest of it and over
 * the field that is written in. A page that is zoomed in by hand is left alone: there the person chose the part to see.
 */
export const followViewport = (container: HTMLElement): void => {
  const seen = window.visualViewport;
  if (!seen) return;
  const fit = () => {
    const covered = window.innerHeight - seen.height - seen.offsetTop;
    const isCovered = seen.scale < 1.05 && covered > 1;
    const set = (name: string, px: number) =>
      isCovered ? container.style.setProperty(name, `${px}px`) : container.style.removeProperty(name);
    set("--seen-height", seen.height);
    set("--seen-top", seen.offsetTop);
    set("--covered", covered);
  };
  seen.addEventListener("resize", fit);
  seen.addEventListener("scroll", fit);
  fit();
};
