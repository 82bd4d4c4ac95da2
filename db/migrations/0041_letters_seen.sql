CREATE TABLE "image_look" (
	"instance_id" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"waits" boolean NOT NULL,
	"asked_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"taken_at" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"looked_at" timestamp with time zone,
	"method" text,
	"letters" jsonb,
	CONSTRAINT "image_look_instance_id_sha256_pk" PRIMARY KEY("instance_id","sha256"),
	CONSTRAINT "image_look_known" CHECK ((looked_at is not null) = (letters is not null) and (method is null or looked_at is not null))
);
--> statement-breakpoint
ALTER TABLE "image_look" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "image_hold" DROP CONSTRAINT "image_hold_once";--> statement-breakpoint
ALTER TABLE "image_hold" DROP CONSTRAINT "image_hold_reason";--> statement-breakpoint
ALTER TABLE "image_hold" ADD COLUMN "sha256" text;--> statement-breakpoint
ALTER TABLE "image_look" ADD CONSTRAINT "image_look_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_look" ADD CONSTRAINT "image_look_of_instance" FOREIGN KEY ("instance_id","study_id") REFERENCES "public"."image_instance"("id","study_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "image_look_taken" ON "image_look" USING btree ("taken_at");--> statement-breakpoint
CREATE INDEX "image_look_to_do" ON "image_look" USING btree ("asked_at") WHERE looked_at is null;--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_once" UNIQUE NULLS NOT DISTINCT("instance_id","reason","sha256");--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_looked" CHECK ((sha256 is not null) = (reason in ('letters_seen', 'not_looked_at')));--> statement-breakpoint
ALTER TABLE "image_hold" ADD CONSTRAINT "image_hold_reason" CHECK (reason in ('burned_in_flag', 'secondary_capture', 'other_patient', 'letters_seen', 'not_looked_at'));--> statement-breakpoint
CREATE POLICY "select_coordinator_locating_radiologist_monitor_importer" ON "image_look" AS PERMISSIVE FOR SELECT TO "nw_coordinator", "nw_importer", "nw_locating_radiologist", "nw_monitor" USING ((select nw.role()) = current_user and (study_id = (select nw.study_id()) and instance_id in (select id from image_instance)));