ALTER TABLE "crop_canvas" ADD COLUMN "voucher" text;--> statement-breakpoint
ALTER TABLE "crop_canvas" ADD CONSTRAINT "crop_canvas_voucher" CHECK (voucher ~ '^[0-9a-f]{64}$');
