"use client";

import { useMutation } from "@tanstack/react-query";
import { type ComponentProps, useEffect, useRef } from "react";
import { fetchFile } from "@/app/_lib/fetch-file";
import { save } from "@/app/_lib/save";
import { Button } from "./button";
import { ProblemList } from "./problem-list";

/** Hands out a file of the server. What is refused is said beside it, and the page stays. */
export function FileLink({
  href,
  kind,
  atOnce = false,
  children,
}: Pick<ComponentProps<typeof Button>, "kind" | "children"> & {
  href: string;
  /** Whoever asked for the file by what stood here before gets it without another click. */
  atOnce?: boolean;
}) {
  const { mutate, data, isPending } = useMutation({
    mutationFn: async () => {
      const fetched = await fetchFile(href);
      if ("file" in fetched) save(fetched.file, fetched.name);
      return fetched;
    },
  });
  const isTaken = useRef(!atOnce);
  useEffect(() => {
    if (isTaken.current) return;
    isTaken.current = true;
    mutate();
  }, [mutate]);
  return (
    <>
      <Button kind={kind} asChild aria-busy={isPending}>
        <a
          href={href}
          download
          onClick={(event) => {
            event.preventDefault();
            if (!isPending) mutate();
          }}
        >
          {children}
        </a>
      </Button>
      {data && "refused" in data ? (
        <div className="max-w-prose basis-full">
          <ProblemList {...data.refused} />
        </div>
      ) : null}
    </>
  );
}
