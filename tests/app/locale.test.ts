import { expect, test } from "vitest";
import { localeOf } from "@/server/locale";

test.each([
  ["nothing is asked for", {}, "en"],
  ["the browser wishes for Chinese", { "accept-language": "zh-CN,zh;q=0.9,en;q=0.8" }, "zh"],
  ["the browser wishes for English more", { "accept-language": "zh;q=0.3,en-GB" }, "en"],
  ["the first wish is none of ours", { "accept-language": "fr,zh-TW;q=0.5" }, "zh"],
  ["a language is refused", { "accept-language": "zh;q=0" }, "en"],
  ["a wish is written with blanks", { "accept-language": "fr ; q=0.9 , zh ; q=0.5 , en ; q=0.1" }, "zh"],
  ["the person chose", { cookie: "theme=dark; locale=zh", "accept-language": "en" }, "zh"],
  ["the cookie holds what is no language of ours", { cookie: "locale=../en", "accept-language": "zh" }, "zh"],
  ["another cookie ends like ours", { cookie: "my-locale=zh" }, "en"],
])("the language of a request when %s", (_, headers: Record<string, string>, locale) => {
  expect(localeOf(new Headers(headers))).toBe(locale);
});
