import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { api } from "@/app/_lib/api";
import { SignInForm } from "./sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

export default async function LoginPage() {
  const caller = await api();
  const { signedIn, demonstration } = await caller.person.door();
  if (signedIn) redirect("/studies");
  return <SignInForm demonstration={demonstration} />;
}
