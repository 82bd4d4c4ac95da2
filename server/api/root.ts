import { analysisRouter } from "./routers/analysis";
import { enrolmentRouter } from "./routers/enrolment";
import { lockRouter } from "./routers/lock";
import { modelRouter } from "./routers/model";
import { personRouter } from "./routers/person";
import { readingRouter } from "./routers/reading";
import { studyRouter } from "./routers/study";
import { createCallerFactory, router } from "./trpc";

export const appRouter = router({
  analysis: analysisRouter,
  enrolment: enrolmentRouter,
  lock: lockRouter,
  model: modelRouter,
  person: personRouter,
  reading: readingRouter,
  study: studyRouter,
});

export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
