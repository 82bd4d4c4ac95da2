import { parseAndValidateFlightRouterState } from "next/dist/server/app-render/parse-and-validate-flight-router-state.js";

/** Whether Next can read what a browser says of the pages it shows (`Next-Router-State-Tree`): a made-up one would be a 500, and ten lines of the log. */
export function isRouterState(header) {
  try {
    parseAndValidateFlightRouterState(header);
    return true;
  } catch {
    return false;
  }
}
