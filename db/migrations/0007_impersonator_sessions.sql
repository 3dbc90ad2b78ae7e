ALTER TABLE "sessions" ADD COLUMN "impersonator_tenant_id" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "impersonator_session_id" uuid;