"use client";

import type { ComponentProps } from "react";
import { CaseForm } from "./case-form";
import { CaseImages } from "./case-image";
import { useDisplay } from "./use-display";

/** A case: its images, and the form beside them. */
export function CaseView(props: ComponentProps<typeof CaseForm>) {
  const display = useDisplay(props.shown);
  return (
    <div className="grid min-h-full lg:grid-cols-[minmax(0,1fr)_24rem]">
      <CaseImages shown={props.shown} display={display} />
      <CaseForm {...props} />
    </div>
  );
}
