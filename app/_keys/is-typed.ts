/** Inputs in which nothing is written: letters pressed there are free. */
const notWritten = ["checkbox", "radio", "range", "button"];

/** Whether somebody writes or chooses there, so that a key is that field's. */
export const isTyped = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement && !notWritten.includes(target.type)) ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement;
