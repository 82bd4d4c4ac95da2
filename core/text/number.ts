/** Longest number that is read, in characters; a double has 17 digits, two signs, a point and an exponent. */
const longest = 40;

/** No digit can belong to two of its parts: looked for in vain, a text of digits is gone through once, not once for each of them. */
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Whether a text is a number with a decimal point, as programs and spreadsheets write them: no unit, no decimal comma, no blanks. */
export const isNumber = (text: string): boolean => text.length <= longest && decimal.test(text);
