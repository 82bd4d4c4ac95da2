/** Levels of brackets in an input of ours, with the wrapping of the API. */
const deepest = 32;
/** Brackets that open, and commas: twenty of the largest forms. */
const mostMarks = 20_000;

/**
 * Whether JSON holds no more brackets in each other and no more values than our pages send. Looked at before it is parsed, and in one pass that keeps
 * nothing: parsed, a megabyte of brackets is a hundred megabytes, and schemas take seconds over it.
 */
export function isModest(json: string): boolean {
  let depth = 0;
  let marks = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = endOfText(json, at);
    else if (character === "]" || character === "}") depth--;
    else if (character === "," || character === "[" || character === "{") {
      if (character !== ",") depth++;
      marks++;
      if (depth > deepest || marks > mostMarks) return false;
    }
  }
  return true;
}

/** Where the text ends that begins at a quotation mark: at the next that no odd number of backslashes escapes. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (json[before - 1] === "\\") before--;
    if ((end - before) % 2 === 0) return end;
  }
  return json.length;
}

const jsonType = "application/json";

/** Whether a request says that it brings JSON, and nothing else. */
export const bringsJson = (request: Request): boolean =>
  request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() === jsonType;
