/** The button that opens the assignment menu, for the key that does the same. */
export const assignTargetId = "assign-target";
