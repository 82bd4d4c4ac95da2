CREATE TABLE "freeze_sweep" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"snapshot_id" uuid NOT NULL,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "freeze_sweep" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_fold" (
	"run_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"fold" integer NOT NULL,
	"epochs" integer NOT NULL,
	"chosen_epoch" integer NOT NULL,
	"threshold" double precision NOT NULL,
	"tuning_loss" double precision,
	"tuning_auc" double precision,
	"training_images" integer NOT NULL,
	"tuning_images" integer NOT NULL,
	"model_sha256" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_fold_run_id_fold_pk" PRIMARY KEY("run_id","fold")
);
--> statement-breakpoint
ALTER TABLE "run_fold" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "run_task" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"crop_id" uuid,
	"variant" text DEFAULT '' NOT NULL,
	"state" "run_state" DEFAULT 'queued' NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"error" text,
	"result_sha256" text,
	"result_type" text,
	"result_name" text,
	"detail" jsonb,
	"created_by" uuid DEFAULT nw.person_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "run_task" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "crop" ADD COLUMN "signature" text;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD COLUMN "node" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD COLUMN "width" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD COLUMN "height" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_item" ADD COLUMN "short_axis_mm" double precision;--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ADD COLUMN "near_duplicates" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ADD COLUMN "leakage" jsonb;--> statement-breakpoint
ALTER TABLE "model_run" ADD COLUMN "sweep_id" uuid;--> statement-breakpoint
ALTER TABLE "model_run" ADD COLUMN "companion_of" uuid;--> statement-breakpoint
ALTER TABLE "model_run" ADD COLUMN "job_id" uuid;--> statement-breakpoint
ALTER TABLE "run_metric" ADD COLUMN "tuning_loss" double precision;--> statement-breakpoint
ALTER TABLE "run_metric" ADD COLUMN "tuning_auc" double precision;--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_snapshot_id_dataset_snapshot_id_fk" FOREIGN KEY ("snapshot_id") REFERENCES "public"."dataset_snapshot"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_fold" ADD CONSTRAINT "run_fold_run_id_model_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."model_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_fold" ADD CONSTRAINT "run_fold_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_run_id_model_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."model_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_crop_id_crop_id_fk" FOREIGN KEY ("crop_id") REFERENCES "public"."crop"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_created_by_person_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_task_run" ON "run_task" USING btree ("run_id");--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_sweep_id_freeze_sweep_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."freeze_sweep"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_companion_of_model_run_id_fk" FOREIGN KEY ("companion_of") REFERENCES "public"."model_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "crop_score" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "dataset_item" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "dataset_snapshot" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "model_run" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_principal_investigator" ON "model_run" AS PERMISSIVE FOR UPDATE TO "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "freeze_sweep" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "freeze_sweep" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "freeze_sweep" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "freeze_sweep" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "freeze_sweep" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "run_fold" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "run_fold" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_worker" ON "run_fold" AS PERMISSIVE FOR INSERT TO "nw_worker" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "run_task" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_importer_worker" ON "run_task" AS PERMISSIVE FOR SELECT TO "nw_importer", "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_data_scientist" ON "run_task" AS PERMISSIVE FOR INSERT TO "nw_data_scientist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_importer" ON "run_task" AS PERMISSIVE FOR INSERT TO "nw_importer" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "insert_principal_investigator" ON "run_task" AS PERMISSIVE FOR INSERT TO "nw_principal_investigator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "update_worker" ON "run_task" AS PERMISSIVE FOR UPDATE TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()))) WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));