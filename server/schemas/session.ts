import { z } from "zod";

export const signInInput = z.object({
  email: z.email("Enter your e-mail address, like name@hospital.org").max(254),
  password: z.string().min(1, "Enter your password").max(200),
});
