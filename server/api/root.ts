import { accountsRouter } from "./routers/accounts";
import { adminRouter } from "./routers/admin";
import { analysisRouter } from "./routers/analysis";
import { auditRouter } from "./routers/audit";
import { bundleRouter } from "./routers/bundle";
import { enrolmentRouter } from "./routers/enrolment";
import { imagingRouter } from "./routers/imaging";
import { inboxRouter } from "./routers/inbox";
import { lockRouter } from "./routers/lock";
import { modelRouter } from "./routers/model";
import { paperRouter } from "./routers/paper";
import { passportRouter } from "./routers/passport";
import { pathologyRouter } from "./routers/pathology";
import { personRouter } from "./routers/person";
import { practiceRouter } from "./routers/practice";
import { readingRouter } from "./routers/reading";
import { reportRouter } from "./routers/report";
import { seriesRouter } from "./routers/series";
import { studyRouter } from "./routers/study";
import { unblindingRouter } from "./routers/unblinding";
import { createCallerFactory, router } from "./trpc";

export const appRouter = router({
  accounts: accountsRouter,
  admin: adminRouter,
  analysis: analysisRouter,
  audit: auditRouter,
  bundle: bundleRouter,
  enrolment: enrolmentRouter,
  imaging: imagingRouter,
  inbox: inboxRouter,
  lock: lockRouter,
  model: modelRouter,
  paper: paperRouter,
  passport: passportRouter,
  pathology: pathologyRouter,
  person: personRouter,
  practice: practiceRouter,
  reading: readingRouter,
  report: reportRouter,
  series: seriesRouter,
  study: studyRouter,
  unblinding: unblindingRouter,
});

export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
