// The S3 server that the tests of the store talk to: versitygw (Apache-2.0), which checks signatures; servers that do not prove nothing.
import { homedir } from "node:os";
import { join } from "node:path";

const version = "1.8.0";
const cache = process.env.NODEWISE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nodewise");
const folder = join(cache, `versitygw-${version}`);

export const gateway = {
  module: `github.com/versity/versitygw/cmd/versitygw@v${version}`,
  folder,
  program: join(folder, "versitygw"),
};
