DROP POLICY "insert_sign_in" ON "session" CASCADE;--> statement-breakpoint
ALTER TABLE "stored_object" ALTER COLUMN "bytes" DROP NOT NULL;--> statement-breakpoint
DROP POLICY "insert_locating_radiologist_importer" ON "stored_object" CASCADE;--> statement-breakpoint
-- What crops and tasks of a study name are its files. (As the kernel, to whom the rows are visible; an empty database has none.)
GRANT SELECT ON crop, run_task TO nw_kernel;
GRANT SELECT, INSERT ON stored_object TO nw_kernel;
SET LOCAL ROLE nw_kernel;
INSERT INTO stored_object (study_id, sha256, media_type)
SELECT study_id, sha256, 'image/png' FROM crop
UNION SELECT study_id, original_sha256, 'image/png' FROM crop WHERE original_sha256 IS NOT NULL
UNION SELECT study_id, result_sha256, coalesce(result_type, 'application/octet-stream') FROM run_task WHERE result_sha256 IS NOT NULL
ON CONFLICT DO NOTHING;
RESET ROLE;
--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_of_original_file" FOREIGN KEY ("study_id","original_sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_task" ADD CONSTRAINT "run_task_of_file" FOREIGN KEY ("study_id","result_sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;
