ALTER TABLE "checkpoint" DROP CONSTRAINT "checkpoint_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "crop_score" DROP CONSTRAINT "crop_score_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "crop_score" DROP CONSTRAINT "crop_score_crop_id_crop_id_fk";
--> statement-breakpoint
ALTER TABLE "dataset_item" DROP CONSTRAINT "dataset_item_snapshot_id_dataset_snapshot_id_fk";
--> statement-breakpoint
ALTER TABLE "dataset_item" DROP CONSTRAINT "dataset_item_crop_id_crop_id_fk";
--> statement-breakpoint
ALTER TABLE "freeze_sweep" DROP CONSTRAINT "freeze_sweep_snapshot_id_dataset_snapshot_id_fk";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_snapshot_id_dataset_snapshot_id_fk";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_sweep_id_freeze_sweep_id_fk";
--> statement-breakpoint
ALTER TABLE "model_run" DROP CONSTRAINT "model_run_companion_of_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "run_fold" DROP CONSTRAINT "run_fold_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "run_log" DROP CONSTRAINT "run_log_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "run_metric" DROP CONSTRAINT "run_metric_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "run_task" DROP CONSTRAINT "run_task_run_id_model_run_id_fk";
--> statement-breakpoint
ALTER TABLE "run_task" DROP CONSTRAINT "run_task_crop_id_crop_id_fk";
--> statement-breakpoint
CREATE INDEX "crop_image" ON "crop" USING btree ("study_id","sha256");
--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "dataset_snapshot" ADD CONSTRAINT "dataset_snapshot_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_and_snapshot" UNIQUE("id","snapshot_id");
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_and_study" UNIQUE("id","study_id");
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_and_snapshot" UNIQUE("id","snapshot_id");
--> statement-breakpoint
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "crop_score" ADD CONSTRAINT "crop_score_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "crop_score" ADD CONSTRAINT "crop_score_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dataset_item" ADD CONSTRAINT "dataset_item_of_snapshot" FOREIGN KEY ("snapshot_id","study_id") REFERENCES "public"."dataset_snapshot"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dataset_item" ADD CONSTRAINT "dataset_item_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "freeze_sweep" ADD CONSTRAINT "freeze_sweep_of_snapshot" FOREIGN KEY ("snapshot_id","study_id") REFERENCES "public"."dataset_snapshot"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_snapshot" FOREIGN KEY ("snapshot_id","study_id") REFERENCES "public"."dataset_snapshot"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_of_sweep" FOREIGN KEY ("sweep_id","snapshot_id") REFERENCES "public"."freeze_sweep"("id","snapshot_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "model_run" ADD CONSTRAINT "model_run_beside" FOREIGN KEY ("companion_of","snapshot_id") REFERENCES "public"."model_run"("id","snapshot_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_fold" ADD CONSTRAINT "run_fold_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_log" ADD CONSTRAINT "run_log_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_metric" ADD CONSTRAINT "run_metric_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_run" FOREIGN KEY ("run_id","study_id") REFERENCES "public"."model_run"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_crop" FOREIGN KEY ("crop_id","study_id") REFERENCES "public"."crop"("id","study_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
DROP POLICY "select_worker" ON "stored_object" CASCADE;
--> statement-breakpoint
DROP POLICY "insert_locating_radiologist_importer_worker" ON "stored_object" CASCADE;
--> statement-breakpoint
CREATE POLICY "insert_locating_radiologist_importer" ON "stored_object" AS PERMISSIVE FOR INSERT TO "nw_importer", "nw_locating_radiologist" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id())));
