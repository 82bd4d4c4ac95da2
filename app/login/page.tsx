import { redirect } from "next/navigation";
import { pageTitle } from "@/app/_i18n/page-title";
import { api } from "@/app/_lib/api";
import { SignInForm } from "./sign-in-form";

export const generateMetadata = pageTitle("login.title");

export default async function LoginPage() {
  const caller = await api();
  const { signedIn, passwordFirst, demonstration } = await caller.person.door();
  if (signedIn) redirect(passwordFirst ? "/account" : "/studies");
  return <SignInForm demonstration={demonstration} />;
}
