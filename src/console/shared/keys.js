// Key presses that belong to an input method and not to the page.

/**
 * Whether an input method (Chinese, Japanese, Korean, accents) takes this key: Enter and Escape then choose or drop a
 * character. Safari reports the last one of a choice with key code 229 only.
 */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;
