-- No study was ever a draft or frozen: it runs, and then it is locked. The function that returns the type is made anew after the migrations.
DROP FUNCTION IF EXISTS nw.every_study();--> statement-breakpoint
ALTER TYPE "public"."study_state" RENAME TO "study_state_before";--> statement-breakpoint
CREATE TYPE "public"."study_state" AS ENUM('running', 'locked');--> statement-breakpoint
ALTER TABLE "study" ALTER COLUMN "state" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "study" ALTER COLUMN "state" SET DATA TYPE "public"."study_state" USING "state"::text::"public"."study_state";--> statement-breakpoint
ALTER TABLE "study" ALTER COLUMN "state" SET DEFAULT 'running';--> statement-breakpoint
DROP TYPE "public"."study_state_before";
