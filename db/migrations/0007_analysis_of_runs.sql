-- What runs are worth is an analysis, too: of runs instead of a version of the protocol.
ALTER TABLE "analysis" DROP CONSTRAINT "analysis_once";
--> statement-breakpoint
ALTER TABLE "analysis" ALTER COLUMN "protocol_version_id" DROP NOT NULL;
--> statement-breakpoint
ALTER TABLE "analysis" ADD COLUMN "run_ids" uuid[] DEFAULT '{}' NOT NULL;
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_once" UNIQUE NULLS NOT DISTINCT("study_id","run_id","protocol_version_id","run_ids","methods");
--> statement-breakpoint
ALTER TABLE "analysis" ADD CONSTRAINT "analysis_of_readers_or_runs" CHECK (case when protocol_version_id is null then run_id is null and cardinality(run_ids) > 0 else cardinality(run_ids) = 0 end);
