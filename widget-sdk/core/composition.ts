/**
 * Whether a key belongs to an input method that is composing a character or word. Safari ends the composition before it tells
 * of the Enter that ended it, and marks that key only by the code 229, as the UI Events specification has it for such keys.
 */
export const isComposing = ({
  isComposing: composing,
  keyCode,
}: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean => composing || keyCode === 229;
