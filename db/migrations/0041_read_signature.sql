CREATE TYPE "public"."signature_meaning" AS ENUM('alone_size_hidden', 'alone_size_shown');--> statement-breakpoint
CREATE TABLE "read_signature" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"list_id" uuid NOT NULL,
	"reads" integer NOT NULL,
	"reads_sha256" text NOT NULL,
	"meaning" "signature_meaning" NOT NULL,
	"protocol_version_id" uuid NOT NULL,
	"signed_name" text NOT NULL,
	"signed_by" uuid DEFAULT nw.person_id() NOT NULL,
	"signed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "read_signature_once" UNIQUE("list_id","reads_sha256")
);
--> statement-breakpoint
ALTER TABLE "read_signature" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_signed_by_person_id_fk" FOREIGN KEY ("signed_by") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_of_list" FOREIGN KEY ("list_id","study_id") REFERENCES "public"."reading_list"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "read_signature" ADD CONSTRAINT "read_signature_of_protocol_version" FOREIGN KEY ("protocol_version_id","study_id") REFERENCES "public"."protocol_version"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "select_coordinator_principal_investigator_monitor_importer" ON "read_signature" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_monitor", "nw_principal_investigator" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id())));