import { modelRouter } from "./routers/model";
import { personRouter } from "./routers/person";
import { studyRouter } from "./routers/study";
import { createCallerFactory, router } from "./trpc";

export const appRouter = router({
  model: modelRouter,
  person: personRouter,
  study: studyRouter,
});

export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
