DROP POLICY "insert_sign_in" ON "session" CASCADE;--> statement-breakpoint
ALTER TABLE "stored_object" ALTER COLUMN "bytes" DROP NOT NULL;--> statement-breakpoint
DROP POLICY "insert_locating_radiologist_importer" ON "stored_object" CASCADE;--> statement-breakpoint
ALTER TABLE "sign_in_brake" ADD COLUMN "forgotten_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
CREATE INDEX "sign_in_brake_forgotten" ON "sign_in_brake" USING btree ("forgotten_at");--> statement-breakpoint
-- Accounts are counted by their hash, and a count is kept as long as it says something.
GRANT SELECT, UPDATE ON sign_in_brake TO nw_kernel;
SET LOCAL ROLE nw_kernel;
UPDATE sign_in_brake SET account = CASE WHEN account = '' THEN '' ELSE encode(sha256(convert_to(account, 'UTF8')), 'hex') END,
  forgotten_at = greatest(tried_at + failures * interval '15 minutes', known_at + interval '90 days');
RESET ROLE;
--> statement-breakpoint
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
