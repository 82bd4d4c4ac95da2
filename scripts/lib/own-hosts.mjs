/** What an address to listen on is called where it stands for every network of the machine: no name that anybody asks for. */
const everyNetwork = ["0.0.0.0", "::"];

const nameOf = (host) => {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : null;
};

/** An IPv6 address stands in brackets in an address of a page. */
const asHost = (address) => (address.includes(":") && !address.startsWith("[") ? `[${address}]` : address);

/**
 * The names under which pages are asked for: this machine's own, that of `NEXTAUTH_URL`, the address of `NODEWISE_HOST` and those of `NODEWISE_HOSTS`
 * (by commas). A page of another site can give its own name this machine's address (DNS rebinding), and would be one of ours.
 */
export function ownHosts({ NEXTAUTH_URL, NODEWISE_HOST, NODEWISE_HOSTS }) {
  const pages = NEXTAUTH_URL && URL.canParse(NEXTAUTH_URL) ? [new URL(NEXTAUTH_URL).host] : [];
  const listening = NODEWISE_HOST && !everyNetwork.includes(NODEWISE_HOST) ? [asHost(NODEWISE_HOST)] : [];
  const others = (NODEWISE_HOSTS ?? "").split(",").map((name) => asHost(name.trim()));
  const names = ["localhost", "127.0.0.1", "[::1]", ...pages, ...listening, ...others].map(nameOf);
  return new Set(names.filter((name) => name !== null));
}

/** Whether a `Host` is one of them, at whatever port. */
export const isOwnHost = (hosts, header) => hosts.has(nameOf(header));

/** What is said under another name, whoever asks. */
export const notOurName = `This server does not answer under this name. Whoever runs it adds the name to NODEWISE_HOSTS, or sets NEXTAUTH_URL.
本服务器不以此名称应答。请服务器管理员将该名称加入 NODEWISE_HOSTS，或设置 NEXTAUTH_URL。
`;
