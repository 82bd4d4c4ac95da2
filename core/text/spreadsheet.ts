import { isNumber } from "./number";

/** The byte order mark: with it Excel reads a CSV file as UTF-8. */
export const utf8Mark = "\ufeff";

const quotedFormula = /^'*[=+\-@\t\r＝＋－＠]/u;

/**
 * A text as a cell that no spreadsheet computes: what begins as a formula does gets an apostrophe before it, which Excel and LibreOffice take for
 * "this is text". `asMeant` takes exactly that off again. A number stays one.
 * @see OWASP, CSV Injection: = + - @ tab and carriage return, and the full-width forms that East Asian versions of Excel take for the same
 */
export const harmless = (text: string): string => (quotedFormula.test(text) && !isNumber(text) ? `'${text}` : text);

/** A cell as it was before `harmless`. */
export const asMeant = (cell: string): string =>
  cell.startsWith("'") && quotedFormula.test(cell) ? cell.slice(1) : cell;
