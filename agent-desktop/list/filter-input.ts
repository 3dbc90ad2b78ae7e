/** The filter of the list, for the key that leads to it. */
export const filterInputId = "conversation-filter";
