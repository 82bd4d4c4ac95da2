ALTER TABLE "crop" ADD COLUMN "original_sha256" text;--> statement-breakpoint
ALTER TABLE "crop" ADD COLUMN "bit_depth" integer;--> statement-breakpoint
ALTER TABLE "crop" ADD COLUMN "window_low" integer;--> statement-breakpoint
ALTER TABLE "crop" ADD COLUMN "window_high" integer;--> statement-breakpoint
ALTER TABLE "crop" ADD COLUMN "window_rule" text;--> statement-breakpoint
ALTER TABLE "crop" RENAME COLUMN "source_width" TO "scaled_from_width";--> statement-breakpoint
ALTER TABLE "crop" RENAME COLUMN "source_height" TO "scaled_from_height";--> statement-breakpoint
ALTER TABLE "crop" ALTER COLUMN "scaled_from_width" DROP NOT NULL, ALTER COLUMN "scaled_from_height" DROP NOT NULL;--> statement-breakpoint
-- A crop whose size is the one it came in was not scaled. Rewritten with the table: an update would see no row (the owner has none), and meet the triggers.
ALTER TABLE "crop"
  ALTER COLUMN "scaled_from_width" TYPE integer USING CASE WHEN (scaled_from_width, scaled_from_height) <> (width, height) THEN scaled_from_width END,
  ALTER COLUMN "scaled_from_height" TYPE integer USING CASE WHEN (scaled_from_width, scaled_from_height) <> (width, height) THEN scaled_from_height END;--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_original" CHECK (num_nulls(original_sha256, bit_depth) in (0, 2) and bit_depth in (8, 16) and (bit_depth <> 8 or original_sha256 = sha256));--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_window" CHECK (num_nulls(window_low, window_high, window_rule) = case when bit_depth = 16 then 0 else 3 end and window_low <= window_high);--> statement-breakpoint
ALTER TABLE "crop" ADD CONSTRAINT "crop_scaled" CHECK (num_nulls(scaled_from_width, scaled_from_height) in (0, 2) and (scaled_from_width is null or original_sha256 is null));
