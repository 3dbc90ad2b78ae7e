import { useEffect, type RefObject } from "react";

/** Keeps the end in view when the box around it changes its height: a composer that grows must not push it out. */
export const useStayAtEnd = (box: RefObject<HTMLElement | null>, atEnd: boolean): void => {
  useEffect(() => {
    const element = box.current;
    if (!element || !atEnd) return;
    let height = element.clientHeight;
    const observer = new ResizeObserver(() => {
      if (element.clientHeight === height) return;
      height = element.clientHeight;
      // By hand: the virtualizer may not have heard of the new height yet.
      element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, atEnd]);
};
