CREATE TABLE "file_being_stored" (
	"attempt" uuid NOT NULL,
	"study_id" uuid NOT NULL,
	"sha256" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "file_being_stored_attempt_sha256_pk" PRIMARY KEY("attempt","sha256"),
	CONSTRAINT "file_being_stored_sha256" CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
ALTER TABLE "file_being_stored" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "file_being_stored" ADD CONSTRAINT "file_being_stored_study_id_study_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."study"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "file_being_stored_expires" ON "file_being_stored" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "file_being_stored_file" ON "file_being_stored" USING btree ("sha256");
