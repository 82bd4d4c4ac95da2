CREATE TABLE "image_black_out" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"from_sha256" text NOT NULL,
	"sha256" text NOT NULL,
	"pixel_sha256" text NOT NULL,
	"transfer_syntax_uid" text NOT NULL,
	"bytes" bigint NOT NULL,
	"boxes" jsonb NOT NULL,
	"voucher" text NOT NULL,
	"blacked_out_by" uuid DEFAULT nw.person_id() NOT NULL,
	"blacked_out_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "image_black_out_once" UNIQUE("instance_id","from_sha256"),
	CONSTRAINT "image_black_out_files" CHECK (sha256 <> from_sha256 and bytes > 0),
	CONSTRAINT "image_black_out_voucher" CHECK (voucher ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
ALTER TABLE "image_black_out" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "hold_decision" DROP CONSTRAINT "hold_decision_known";--> statement-breakpoint
ALTER TABLE "image_black_out" ADD CONSTRAINT "image_black_out_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_black_out" ADD CONSTRAINT "image_black_out_blacked_out_by_person_id_fk" FOREIGN KEY ("blacked_out_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_black_out" ADD CONSTRAINT "image_black_out_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_black_out" ADD CONSTRAINT "image_black_out_of_file" FOREIGN KEY ("study_id","sha256") REFERENCES "public"."stored_object"("study_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "image_black_out_file" ON "image_black_out" USING btree ("study_id","sha256");--> statement-breakpoint
ALTER TABLE "hold_decision" ADD CONSTRAINT "hold_decision_known" CHECK (decision in ('cleared', 'blacked_out', 'rejected'));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_black_out" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and instance_id in (select id from image_instance)));--> statement-breakpoint
CREATE POLICY "select_data_scientist_principal_investigator" ON "image_black_out" AS PERMISSIVE FOR SELECT TO "nw_data_scientist", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and (select nw.locked())));--> statement-breakpoint
CREATE POLICY "select_worker" ON "image_black_out" AS PERMISSIVE FOR SELECT TO "nw_worker" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));--> statement-breakpoint
CREATE POLICY "insert_coordinator" ON "image_black_out" AS PERMISSIVE FOR INSERT TO "nw_coordinator" WITH CHECK ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and instance_id in (select id from image_instance)));