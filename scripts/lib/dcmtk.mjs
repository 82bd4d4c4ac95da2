import { canInstall, install, onPath } from "./programs.mjs";

const names = ["echoscu", "storescu"];

/** Where the programs of DCMTK are that send as a scanner does: on the path, else Debian's package (as root); null where there is neither. */
export function findDcmtk() {
  if (!names.every(onPath) && canInstall()) {
    try {
      install("dcmtk");
    } catch {
      return null;
    }
  }
  const [echoscu, storescu] = names.map(onPath);
  return echoscu && storescu ? { echoscu, storescu } : null;
}
