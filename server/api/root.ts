import { personRouter } from "./routers/person";
import { studyRouter } from "./routers/study";
import { createCallerFactory, router } from "./trpc";

export const appRouter = router({
  person: personRouter,
  study: studyRouter,
});

export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
